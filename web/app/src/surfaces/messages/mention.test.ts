import assert from 'node:assert/strict'
import { test } from 'vitest'
import { completion, mention } from './mention.ts'

const all = [
  { key: 'adam', name: 'Adam' },
  { key: 'nora', name: 'Nora' },
]

test('an @ at the beginning of a word offers names', () => {
  assert.deepEqual(mention('@', 1, all)?.names.length, 2)
  assert.deepEqual(mention('hi @NO', 6, all)?.names, [all[1]])
  assert.deepEqual(mention('me@no', 5, all), null)
  assert.deepEqual(mention('hi @no there', 12, all), null)
})

test('a name is put in place of what was begun', () => {
  const found = mention('hi @no, look', 6, all)!
  assert.deepEqual(completion('hi @no, look', found, all[1]!), { text: 'hi @nora , look', caret: 9 })
  assert.deepEqual(completion('@n now', mention('@n now', 2, all)!, all[1]!), { text: '@nora now', caret: 6 })
})
