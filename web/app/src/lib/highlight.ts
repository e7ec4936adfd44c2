import highlight from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'

/** Characters above which colouring would be felt. */
const most = 30_000

for (const [name, language] of Object.entries({ bash, css, diff, go, javascript, json, python, sql, typescript, xml, yaml })) {
  highlight.registerLanguage(name, language)
}

/** Code as HTML with classes for its parts; null when the language is not known or it is too long. */
export function paint(code: string, language: string): string | null {
  if (code.length > most || !highlight.getLanguage(language)) return null
  return highlight.highlight(code, { language, ignoreIllegals: true }).value
}
