// Reads and writes single fields of a manifest. Its comments and the way in which the other fields are written stay.
// What a form cannot show, and all of a text that is no YAML, is read as null and stays untouched.
import { Document, isMap, isScalar, isSeq, parseDocument, Scalar } from 'yaml'

/** The value of a text of the first level; '' when it is not there, null when a form cannot show it. */
export function fieldOf(text: string, key: string): string | null {
  const found = read(text)?.get(key, true)
  if (found === undefined) return read(text) ? '' : null
  return isScalar(found) && typeof found.value !== 'object' ? String(found.value) : null
}

/** The text with another value in a field of the first level; an empty one takes the field away. */
export function withField(text: string, key: string, value: string): string {
  const doc = read(text)
  if (!doc) return text
  if (value.trim() === '') doc.delete(key)
  else {
    const scalar = new Scalar(value)
    if (value.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL
    doc.set(key, scalar)
  }
  return write(doc)
}

const allowed = ['permissions', 'allow']

/** The tools that `permissions.allow` names; undefined when it names none, null when a form cannot show it. */
export function allowOf(text: string): string[] | null | undefined {
  const doc = read(text)
  if (!doc) return null
  const list = doc.getIn(allowed, true)
  if (list === undefined) return undefined
  if (!isSeq(list)) return null
  const names = list.items.map((item) => (isScalar(item) ? item.value : null))
  return names.every((name): name is string => typeof name === 'string') ? names : null
}

/** The text with other tools in `permissions.allow`; undefined takes the limit away. */
export function withAllow(text: string, tools: string[] | undefined): string {
  const doc = read(text)
  if (!doc) return text
  if (tools) doc.setIn(allowed, doc.createNode(tools, { flow: true }))
  else {
    doc.deleteIn(allowed)
    const rest = doc.get('permissions')
    if (isMap(rest) && rest.items.length === 0) doc.delete('permissions')
  }
  return write(doc)
}

/** Where a line and column (from 1) are in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const at = Math.min(Math.max(line, 1), lines.length) - 1
  const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0)
  return before + Math.min(Math.max(column - 1, 0), lines[at]!.length)
}

function read(text: string): Document | null {
  const doc = parseDocument(text)
  return doc.errors.length === 0 && (doc.contents === null || isMap(doc.contents)) ? doc : null
}

const write = (doc: Document): string => doc.toString({ lineWidth: 0, flowCollectionPadding: false, doubleQuotedMinMultiLineLength: Infinity })
