import assert from 'node:assert/strict'
import { test } from 'vitest'
import { lastDays } from './days'

test('days without use are filled in, in their order, and days of UTC count', () => {
  const used = { key: '2026-02-28', jobs: 2, actions: 2, prompt_tokens: 10, completion_tokens: 5, cost: 0.5 }
  const days = lastDays([used], 4, new Date('2026-03-02T00:30:00+02:00'))
  assert.deepEqual(
    days.map((day) => [day.key, day.jobs]),
    [
      ['2026-02-26', 0],
      ['2026-02-27', 0],
      ['2026-02-28', 2],
      ['2026-03-01', 0],
    ],
  )
})
