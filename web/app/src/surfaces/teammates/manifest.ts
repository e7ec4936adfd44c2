// Reads and writes single fields of a manifest. Its comments and the way in which the other fields are written stay.
// What a form cannot show, and all of a text that is no YAML, is read as null and stays untouched.
import { Document, isMap, isScalar, isSeq, parseDocument, Scalar, type YAMLSeq } from 'yaml'

/** Whether a text is YAML with fields in it, so that a form can show it. */
export const readable = (text: string): boolean => read(text) !== null

/** The value of a text, by the keys that lead to it; '' when it is not there, null when a form cannot show it. */
export function fieldOf(text: string, ...path: string[]): string | null {
  const doc = read(text)
  if (!doc || !reaches(doc, path)) return null
  const found = doc.getIn(path, true)
  if (found === undefined) return ''
  if (!isScalar(found)) return null
  return found.value === null ? '' : typeof found.value === 'object' ? null : String(found.value)
}

/** The text with another value in a field; an empty one takes the field away, and a mapping that is empty then. */
export function withField(text: string, path: string | string[], value: string): string {
  const doc = read(text)
  const keys = [path].flat()
  if (!doc || !reaches(doc, keys)) return text
  if (value.trim() === '') remove(doc, keys)
  else {
    const scalar = new Scalar(value)
    if (value.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL
    doc.setIn(keys, scalar)
  }
  return write(doc)
}

/** The text with another face. A mapping `branding` that has one is changed, too: some clients read only that. */
export function withFace(text: string, emoji: string): string {
  const branded = fieldOf(text, 'branding', 'emoji')
  return withField(branded ? withField(text, ['branding', 'emoji'], emoji) : text, 'icon', emoji)
}

/** A colour as a colour field takes it, #rrggbb; grey for what it cannot show. */
export function colourOf(text: string): string {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text)
  if (short) return `#${short.slice(1).map((digit) => digit + digit).join('')}`.toLowerCase()
  return /^#[0-9a-f]{6}$/i.test(text) ? text.toLowerCase() : '#808080'
}

/** The texts of a list, by the keys that lead to it; undefined when it is not there, null when a form cannot show it. */
export function listOf(text: string, ...path: string[]): string[] | null | undefined {
  const doc = read(text)
  if (!doc || !reaches(doc, path)) return null
  const list = doc.getIn(path, true)
  if (list === undefined || (isScalar(list) && list.value === null)) return undefined
  if (!isSeq(list)) return null
  const items = list.items.map((item) => (isScalar(item) ? item.value : null))
  return items.every((item): item is string => typeof item === 'string') ? items : null
}

/** The text with another list, on one line when `flow`; undefined takes it away, and a mapping that is empty then. */
export function withList(text: string, path: string[], items: string[] | undefined, flow = false): string {
  const doc = read(text)
  if (!doc || !reaches(doc, path)) return text
  if (!items) remove(doc, path)
  else {
    const before = doc.getIn(path, true)
    const list = doc.createNode(items, { flow }) as YAMLSeq
    if (isSeq(before)) list.commentBefore = before.commentBefore
    doc.setIn(path, list)
  }
  return write(doc)
}

const allowed = ['permissions', 'allow']

/** The tools that `permissions.allow` names; undefined when it names none, null when a form cannot show it. */
export const allowOf = (text: string): string[] | null | undefined => listOf(text, ...allowed)

/** The text with other tools in `permissions.allow`; undefined takes the limit away. */
export const withAllow = (text: string, tools: string[] | undefined): string => withList(text, allowed, tools, true)

/** Where a line and column (from 1) are in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const at = Math.min(Math.max(line, 1), lines.length) - 1
  const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0)
  return before + Math.min(Math.max(column - 1, 0), lines[at]!.length)
}

/** Whether what leads to a value are mappings, or not there yet. */
function reaches(doc: Document, path: string[]): boolean {
  return path.slice(0, -1).every((_, n) => {
    const node = doc.getIn(path.slice(0, n + 1), true)
    return node === undefined || isMap(node)
  })
}

function remove(doc: Document, path: string[]): void {
  doc.deleteIn(path)
  const parent = path.slice(0, -1)
  if (parent.length === 0) return
  const rest = doc.getIn(parent)
  if (isMap(rest) && rest.items.length === 0) remove(doc, parent)
}

function read(text: string): Document | null {
  const doc = parseDocument(text)
  return doc.errors.length === 0 && (doc.contents === null || isMap(doc.contents)) ? doc : null
}

const write = (doc: Document): string => doc.toString({ lineWidth: 0, flowCollectionPadding: false, doubleQuotedMinMultiLineLength: Infinity })
