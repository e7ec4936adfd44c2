import assert from 'node:assert'
import { test } from 'vitest'
import { found, toolsOf, type Offer } from './store'

const offer = (key: string, category: string, description: string): Offer => ({ key, name: key, description, role: '', category, source: 'filesystem', hired: false, tools: [], abilities: [] })

test('every word of a search must occur, in the category that is chosen', () => {
  const all = [offer('nora', 'Work', 'Keeps the list'), offer('milo', 'Fun', 'Keeps counting')]
  const keys = (search: string, category: string) => found(all, search, category).map((one) => one.key)
  assert.deepEqual(keys('KEEPS  list', ''), ['nora'])
  assert.deepEqual(keys('keeps', 'Fun'), ['milo'])
  assert.deepEqual(keys('', ''), ['nora', 'milo'])
})

test('what a tmate may use at most comes before what it describes', () => {
  const tools = [{ name: 'recall', display_name: 'Read', description: 'Reads' }, { name: 'other' }]
  assert.deepEqual(toolsOf({ tools, permissions: { allow: ['recall', 'list_posts'] } }).map((tool) => tool.title), ['Read', 'List posts'])
  assert.deepEqual(toolsOf({ tools }).map((tool) => tool.name), ['recall', 'other'])
  assert.deepEqual(toolsOf(null), [])
})
