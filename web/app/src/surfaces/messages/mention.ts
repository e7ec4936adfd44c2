export type Name = { key: string; name: string }

/** Names that fit what is written behind an @ before the caret. */
export type Mention = { from: number; to: number; names: Name[] }

/** The @ word that ends at the caret, and who may be meant; null when there is none. */
export function mention(text: string, caret: number, all: Name[]): Mention | null {
  const word = /(^|[\s(])@([\p{L}\p{N}_-]*)$/u.exec(text.slice(0, caret))
  if (!word || all.length === 0) return null
  const begun = word[2]!.toLowerCase()
  const names = all.filter(({ key, name }) => key.toLowerCase().startsWith(begun) || name.toLowerCase().startsWith(begun))
  return { from: caret - word[2]!.length - 1, to: caret, names }
}

/** The text with the @ word completed, and where the caret is then. */
export function completion(text: string, { from, to }: Mention, { key }: Name): { text: string; caret: number } {
  const put = `@${key} `
  return { text: text.slice(0, from) + put + text.slice(to).replace(/^ /, ''), caret: from + put.length }
}
