import assert from 'node:assert/strict'
import { test } from 'vitest'
import { plain } from './plain.ts'

test('marks go and words stay', () => {
  const table: [string, string][] = [
    ['**bold** and *slanted*, `code`', 'bold and slanted, code'],
    ['# Title\n\n- one\n- [x] two\n1. three', 'Title one two three'],
    ['[a link](https://example.com) ![pic](x.png)', 'a link pic'],
    ['```go\nx := 1\n```', 'x := 1'],
    ['2 * 3 * 4 = 24, snake_case_name', '2 * 3 * 4 = 24, snake_case_name'],
    ['> said\n> so', 'said so'],
  ]
  for (const [text, wanted] of table) assert.equal(plain(text), wanted)
})
