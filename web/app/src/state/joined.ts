/**
 * The newest items as they were read now, and behind them those that are known from before. When so much is new that
 * the two do not meet, only the new ones count: there would be a gap.
 */
export function joined<T extends { id: string }>(fresh: T[], known: T[]): T[] {
  const ids = new Set(fresh.map(({ id }) => id))
  const meet = known.findLastIndex(({ id }) => ids.has(id))
  return meet < 0 ? fresh : [...fresh, ...known.slice(meet + 1)]
}
