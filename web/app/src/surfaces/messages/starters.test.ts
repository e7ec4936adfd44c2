import assert from 'node:assert/strict'
import { test } from 'vitest'
import { starters } from './starters.ts'

const tmates = [
  { key: 'a', manifest: { starters: ['one', 'two'] } },
  { key: 'b', manifest: { starters: ['one', 'three'] } },
  { key: 'c', manifest: null },
  { key: 'd', manifest: { starters: [7, 'four'] } },
]

test('a tmate offers what it has, a team one thing of each', () => {
  assert.deepEqual(starters(tmates.slice(0, 1), false), ['one', 'two'])
  assert.deepEqual(starters(tmates, true), ['one', 'four'])
  assert.deepEqual(starters([], true), [])
})
