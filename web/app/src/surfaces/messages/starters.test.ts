import assert from 'node:assert/strict'
import { test } from 'vitest'
import { starters } from './starters.ts'

const tmates = [
  { key: 'a', manifest: { starters: ['one', 'two'] } },
  { key: 'b', manifest: { starters: ['one', 'three'] } },
  { key: 'c', manifest: null },
  { key: 'd', manifest: { starters: [7, 'four'] } },
]

test('of each tmate one thing comes before the second ones', () => {
  assert.deepEqual(starters(tmates.slice(0, 1)), ['one', 'two'])
  assert.deepEqual(starters(tmates), ['one', 'four', 'two'])
  assert.deepEqual(starters([]), [])
})
