type Offers = { key: string; manifest?: unknown }

/** Three things that can be said first; of several tmates the first one of each comes before the second ones. */
export function starters(tmates: Offers[]): string[] {
  const lists = tmates.map(({ manifest }) => {
    const list = (manifest as { starters?: unknown } | null | undefined)?.starters
    return Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : []
  })
  const rounds = Array.from({ length: 3 }, (_, n) => lists.flatMap((list) => list.slice(n, n + 1)))
  return [...new Set(rounds.flat())].slice(0, 3)
}
