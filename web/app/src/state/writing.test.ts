import assert from 'node:assert/strict'
import { test } from 'vitest'
import { joined } from './writing.ts'

test('pieces are joined by code points', () => {
  assert.deepEqual(joined('', 0, 0, 'a🦊'), { text: 'a🦊', length: 2 })
  assert.deepEqual(joined('a🦊', 2, 2, 'b'), { text: 'a🦊b', length: 3 })
})

test('a snapshot that overlaps replaces what it covers', () => {
  assert.deepEqual(joined('a🦊b', 3, 0, 'a🦊bc'), { text: 'a🦊bc', length: 4 })
  assert.deepEqual(joined('a🦊b', 3, 2, 'bcd'), { text: 'a🦊bcd', length: 5 })
})

test('an older piece adds nothing, and a gap is told', () => {
  assert.deepEqual(joined('abc', 3, 0, 'a'), { text: 'abc', length: 3 })
  assert.deepEqual(joined('abc', 3, 4, 'e'), null)
})
