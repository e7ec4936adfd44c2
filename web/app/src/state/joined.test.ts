import assert from 'node:assert/strict'
import { test } from 'vitest'
import { joined } from './joined.ts'

const items = (ids: string) => [...ids].map((id) => ({ id }))
const ids = (all: { id: string }[]) => all.map(({ id }) => id).join('')

test('what is older stays, what is gone goes, and no gap is left', () => {
  const table: [fresh: string, known: string, wanted: string][] = [
    ['abc', '', 'abc'],
    ['abc', 'bcde', 'abcde'],
    ['xab', 'abcde', 'xabcde'],
    ['ac', 'abcde', 'acde'],
    ['xyz', 'abc', 'xyz'],
    ['', 'abc', ''],
  ]
  for (const [fresh, known, wanted] of table) assert.equal(ids(joined(items(fresh), items(known))), wanted)
})
