type Offers = { key: string; manifest?: unknown }

/** What can be said first: three things of a tmate, or one of each of the first three. */
export function starters(tmates: Offers[], group: boolean): string[] {
  const lists = tmates.map(({ manifest }) => {
    const list = (manifest as { starters?: unknown } | null | undefined)?.starters
    return Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : []
  })
  const chosen = group ? lists.flatMap((list) => list.slice(0, 1)) : lists.flat()
  return [...new Set(chosen)].slice(0, 3)
}
