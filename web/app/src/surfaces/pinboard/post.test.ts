import assert from 'node:assert/strict'
import { test } from 'vitest'
import { authorOf, authors, chosen, gist } from './post.ts'

const posts = [
  { author_agent_key: 'adam', author_display: 'Adam', priority: 'high' as const },
  { author_agent_key: null, author_display: 'adam', priority: 'low' as const },
  { author_agent_key: 'adam', author_display: 'Adam', priority: 'low' as const },
]

test('a person and a tmate of one name are two authors', () => {
  assert.deepEqual(authors(posts).map(authorOf), ['tmate:adam', 'person:adam'])
})

test('both choices count', () => {
  assert.equal(chosen(posts, '', '').length, 3)
  assert.deepEqual(chosen(posts, 'tmate:adam', 'low'), [posts[2]])
  assert.deepEqual(chosen(posts, 'person:adam', 'high'), [])
})

test('the gist of a text has no marks', () => {
  assert.equal(gist('# Plan\n\n- [ ] **call** [Ada](https://a.test)\n> `x`\n\n```go\nfunc\n```'), 'Plan call Ada x func')
})
