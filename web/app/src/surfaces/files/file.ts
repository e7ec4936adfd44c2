import type { Schema } from '../../api/client'

export type File = Schema<'File'>
export type Kind = 'image' | 'pdf' | 'table' | 'markdown' | 'text' | 'audio' | 'video' | 'other'
export type Order = 'date' | 'name' | 'size' | 'kind'
export type Folder = { name: string; path: string; count: number; size: number }

const endings: Record<Exclude<Kind, 'other'>, string> = {
  image: 'png jpg jpeg gif webp avif bmp ico',
  pdf: 'pdf',
  table: 'csv tsv',
  markdown: 'md markdown',
  text: 'txt log json jsonl yaml yml toml ini xml html htm css js ts go py rs sh sql svg eml ics vcf',
  audio: 'mp3 m4a ogg oga opus wav flac',
  video: 'mp4 m4v webm mov ogv',
}
const kinds = new Map(Object.entries(endings).flatMap(([kind, all]) => all.split(' ').map((ending) => [ending, kind as Kind] as const)))

/** What kind of file a name speaks of. */
export function kindOf(name: string): Kind {
  return kinds.get(ending(name)) ?? 'other'
}

/** What stands behind the last dot of a name, in small letters. */
export function ending(name: string): string {
  return /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** The name a person knows a file by. */
export function nameOf(file: Pick<File, 'name' | 'original_name'>): string {
  return file.original_name || file.name
}

/** What is in a folder ('' is the outermost): its folders by name, and its files. */
export function inside<T extends Pick<File, 'relative_path' | 'size'>>(files: T[], folder: string): { folders: Folder[]; files: T[] } {
  const prefix = folder ? folder + '/' : ''
  const folders = new Map<string, Folder>()
  const own: T[] = []
  for (const file of files) {
    if (!file.relative_path.startsWith(prefix)) continue
    const [name, ...deeper] = file.relative_path.slice(prefix.length).split('/')
    if (!deeper.length) {
      own.push(file)
      continue
    }
    const known = folders.get(name!) ?? { name: name!, path: prefix + name, count: 0, size: 0 }
    folders.set(name!, { ...known, count: known.count + 1, size: known.size + file.size })
  }
  return { folders: [...folders.values()].sort((a, b) => a.name.localeCompare(b.name)), files: own }
}

const compare: Record<Order, (a: File, b: File) => number> = {
  date: (a, b) => Date.parse(a.modified) - Date.parse(b.modified),
  name: (a, b) => nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }),
  size: (a, b) => a.size - b.size,
  kind: (a, b) => ending(a.name).localeCompare(ending(b.name)) || compare.name(a, b),
}

/** Files in an order. */
export function sorted<T extends File>(files: T[], order: Order, down: boolean): T[] {
  const sign = down ? -1 : 1
  return [...files].sort((a, b) => sign * compare[order](a, b))
}

/** The rows of a text of CSV (RFC 4180), at most so many; the separator is the one its first line has most of. */
export function rowsOf(text: string, most: number): string[][] {
  const line = text.slice(0, text.search(/[\r\n]|$/))
  const separator = [',', ';', '\t'].reduce((best, one) => (line.split(one).length > line.split(best).length ? one : best))
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length && rows.length < most) {
    let cell = ''
    if (text[at] === '"') {
      at++
      for (; at < text.length; at++) {
        if (text[at] !== '"') cell += text[at]
        else if (text[at + 1] === '"') cell += text[at++]
        else break
      }
      at++
    }
    const from = at
    while (at < text.length && text[at] !== separator && text[at] !== '\n') at++
    row.push(cell + text.slice(from, at).replace(/\r$/, ''))
    if (text[at] !== separator) {
      rows.push(row)
      row = []
    } else if (at === text.length - 1) row.push('')
    at++
  }
  if (row.length) rows.push(row)
  return rows.slice(0, most)
}

/** The server's address of a file, from its first slash. */
export function downloadOf(path: string): string {
  return `/v1/files/download/${path.split('/').map(encodeURIComponent).join('/')}`
}
