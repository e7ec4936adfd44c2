import type { Schema } from '../../api/client'

type Item = Schema<'Usage'>['items'][number]

/** What was used on each of the last days, the oldest first. The server counts in days of UTC and leaves out empty ones. */
export function lastDays(items: Item[], days: number, now = new Date()): Item[] {
  const known = new Map(items.map((item) => [item.key, item]))
  return Array.from({ length: days }, (_, n) => {
    const key = new Date(now.getTime() - (days - 1 - n) * 86_400_000).toISOString().slice(0, 10)
    return known.get(key) ?? { key, jobs: 0, actions: 0, prompt_tokens: 0, completion_tokens: 0, cost: null }
  })
}
