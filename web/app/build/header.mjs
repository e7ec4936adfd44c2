// Says in the generated types where they come from.
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../src/api/schema.d.ts', import.meta.url)
const text = readFileSync(path, 'utf8').replace(/^\/\*\*[\s\S]*?\*\/\n/, '')
writeFileSync(path, '// Code generated from server/v1/openapi.yaml by `npm run api`. DO NOT EDIT.\n\n' + text.trimStart())
