import assert from 'node:assert/strict'
import { test } from 'vitest'
import { blank, parsed } from './draft.ts'

test('a kept draft comes back, and anything else is a blank', () => {
  const draft = { title: 'a', content: 'b', priority: 'high' as const }
  assert.deepEqual(parsed(JSON.stringify(draft)), draft)
  assert.deepEqual(parsed('{"title":"a","content":"b","priority":"no"}').priority, 'normal')
  for (const kept of [null, '', '1', '{', '{"title":1}']) assert.deepEqual(parsed(kept), blank)
})
