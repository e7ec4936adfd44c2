/** An answer while it is written. */
export type Writing = {
  job: string
  agent: string
  /** What was written so far. */
  text: string
  /** Code points in it. */
  length: number
  /** What the tmate says that it is doing; empty: it thinks or writes. */
  doing: string
  /** Milliseconds since 1970 at which it was first seen, or began as far as that is known. */
  since: number
}

/**
 * The text after a piece was added that begins at `offset` code points. A piece that overlaps what is there replaces
 * that part; null: something between them is missing.
 */
export function joined(text: string, length: number, offset: number, piece: string): Pick<Writing, 'text' | 'length'> | null {
  if (offset > length) return null
  const kept = offset === length ? text : [...text].slice(0, offset).join('')
  const added = [...piece].length
  // A piece that is older than what is there adds nothing.
  if (offset + added < length) return { text, length }
  return { text: kept + piece, length: offset + added }
}
