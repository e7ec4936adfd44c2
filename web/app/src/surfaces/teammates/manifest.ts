// Reads and writes single fields of a manifest and leaves every other line, comments too, as a person wrote it. What is
// written in a way that a form cannot show is read as null and stays untouched.

/** The value of a field of the first level; '' when it is not there, null when a form cannot show it. */
export function fieldOf(text: string, key: string): string | null {
  const lines = text.split('\n')
  const place = find(lines, key, '')
  if (!place) return ''
  const rest = lines[place.from]!.slice(key.length + 1).trim()
  const more = lines.slice(place.from + 1, place.to)
  if (/^[|][-+]?$/.test(rest)) return dedent(more).join('\n').replace(/\n+$/, '')
  return more.some((line) => line.trim() && !line.trim().startsWith('#')) ? null : scalar(rest)
}

/** The text with another value in a field of the first level; an empty one takes the field away. */
export function withField(text: string, key: string, value: string): string {
  return replace(text, find(text.split('\n'), key, ''), value.trim() === '' ? [] : written(key, value))
}

/** The tools that `permissions.allow` names; undefined when it names none, null when a form cannot show it. */
export function allowOf(text: string): string[] | null | undefined {
  const lines = text.split('\n')
  const block = find(lines, 'permissions', '')
  if (!block) return undefined
  if (bare(lines[block.from]!.slice('permissions:'.length))) return null
  const place = within(lines, block)
  if (!place) return undefined
  const all = lines.slice(place.from, place.to).map((line) => line.replace(/(^|\s)#.*$/, '')).join('\n')
  const value = all.slice(all.indexOf(':') + 1).trim()
  const flow = /^\[([\s\w,"'-]*)\]$/.exec(value)
  const names = flow ? flow[1]!.split(',') : value.split('\n').map((line) => (/^\s*- [\w"'-]+\s*$/.test(line) ? line.trim().slice(2) : line.trim() && '?'))
  const clean = names.map((name) => name.trim().replace(/^["']|["']$/g, '')).filter(Boolean)
  return clean.includes('?') ? null : clean
}

/** The text with other tools in `permissions.allow`; undefined takes the limit away. */
export function withAllow(text: string, tools: string[] | undefined): string {
  const lines = text.split('\n')
  const line = tools && `  allow: [${tools.join(', ')}]`
  const block = find(lines, 'permissions', '')
  if (!block) return line ? replace(text, null, ['permissions:', line]) : text
  const place = within(lines, block)
  if (place) {
    const alone = !lines.slice(block.from + 1, block.to).some((other, n) => (n + block.from + 1 < place.from || n + block.from + 1 >= place.to) && other.trim() && !other.trim().startsWith('#'))
    return !line && alone ? replace(text, block, []) : replace(text, place, line ? [line] : [])
  }
  return line ? replace(text, { from: block.from + 1, to: block.from + 1 }, [line]) : text
}

/** Where a line and column (from 1) are in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const at = Math.min(Math.max(line, 1), lines.length) - 1
  const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0)
  return before + Math.min(Math.max(column - 1, 0), lines[at]!.length)
}

type Place = { from: number; to: number }

/** The lines of a field, up to the next of its level; what is blank or a comment below it is not its own. */
function find(lines: string[], key: string, indent: string, from = 0, end = lines.length): Place | null {
  for (let n = from; n < end; n++) {
    if (!lines[n]!.startsWith(`${indent}${key}:`)) continue
    let to = n + 1
    const deeper = (line: string): boolean => line.startsWith(indent + ' ') || line.startsWith(indent + '- ')
    for (let m = to; m < end && (lines[m]!.trim() === '' || deeper(lines[m]!)); m++) if (lines[m]!.trim()) to = m + 1
    return { from: n, to }
  }
  return null
}

function within(lines: string[], block: Place): Place | null {
  const first = lines.slice(block.from + 1, block.to).find((line) => line.trim() && !line.trim().startsWith('#'))
  return first ? find(lines, 'allow', /^ */.exec(first)![0], block.from + 1, block.to) : null
}

function replace(text: string, place: Place | null, by: string[]): string {
  const lines = text.split('\n')
  if (place) lines.splice(place.from, place.to - place.from, ...by)
  else if (by.length) {
    while (lines.at(-1) === '') lines.pop()
    lines.push(...by, '')
  }
  return lines.join('\n')
}

function written(key: string, value: string): string[] {
  if (value.includes('\n')) return [`${key}: |-`, ...value.split('\n').map((line) => (line ? `  ${line}` : ''))]
  const plain = /^[A-Za-z][\w ,.()/-]*$/.test(value) && !/^(true|false|yes|no|on|off|null)$/i.test(value) && value === value.trim()
  return [`${key}: ${plain ? value : JSON.stringify(value)}`]
}

function scalar(rest: string): string | null {
  if (/^"(?:[^"\\]|\\.)*"\s*(#.*)?$/.test(rest)) {
    try {
      return JSON.parse(rest.slice(0, rest.lastIndexOf('"') + 1)) as string
    } catch {
      return null
    }
  }
  const single = /^'((?:[^']|'')*)'\s*(#.*)?$/.exec(rest)
  if (single) return single[1]!.replaceAll("''", "'")
  return /^[[{&*!>|%@`"']/.test(rest) ? null : rest.replace(/(^|\s)#.*$/, '').trim()
}

function dedent(lines: string[]): string[] {
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)![0].length))
  return lines.map((line) => line.slice(depth))
}

const bare = (rest: string): boolean => rest.replace(/\s#.*$/, '').trim() !== ''
