import assert from 'node:assert'
import { test } from 'vitest'
import { allowOf, fieldOf, offsetOf, withAllow, withField } from './manifest'

const source = `# a comment
name: "Ada"
role: Helper # of all
greeting: |-
  Hello.

  Bye.

# what it may do
permissions:
  allow: [remember, recall]
tests: []
`

test('fields are read as they are written', () => {
  assert.equal(fieldOf(source, 'name'), 'Ada')
  assert.equal(fieldOf(source, 'role'), 'Helper')
  assert.equal(fieldOf(source, 'greeting'), 'Hello.\n\nBye.')
  assert.equal(fieldOf(source, 'category'), '')
  assert.equal(fieldOf('description: >\n  a\n  b\n', 'description'), 'a b\n')
  assert.equal(fieldOf('tests: [1]\n', 'tests'), null)
  assert.equal(fieldOf('name: [', 'name'), null)
})

test('a changed field leaves the other lines alone', () => {
  assert.equal(withField(source, 'name', 'Bo: the "first"'), source.replace('"Ada"', `'Bo: the "first"'`))
  assert.equal(fieldOf(withField(source, 'greeting', 'One\n\nTwo'), 'greeting'), 'One\n\nTwo')
  assert.ok(withField(source, 'greeting', 'Hi').includes('greeting: Hi\n\n# what it may do\n'))
  assert.ok(withField(source, 'category', 'yes').endsWith('tests: []\ncategory: yes\n'))
  assert.equal(withField(source, 'role', ''), source.replace('role: Helper # of all\n', ''))
})

test('the allowed tools are read and written', () => {
  assert.deepEqual(allowOf(source), ['remember', 'recall'])
  assert.deepEqual(allowOf('permissions:\n  allow:\n    - now\n    - recall\n'), ['now', 'recall'])
  assert.deepEqual(allowOf('permissions: {allow: [now]}\n'), ['now'])
  assert.equal(allowOf('permissions: {allow: now}\n'), null)
  assert.equal(allowOf('name: Ada\n'), undefined)
  assert.deepEqual(allowOf(withAllow(source, ['now'])), ['now'])
  assert.equal(allowOf(withAllow(source, undefined)), undefined)
  assert.ok(!withAllow(source, undefined).includes('permissions'))
  assert.deepEqual(allowOf(withAllow('name: Ada\n', [])), [])
})

test('a line and a column are a place in the text', () => {
  assert.equal(offsetOf('ab\ncd', 2, 2), 4)
  assert.equal(offsetOf('ab\ncd', 9, 9), 5)
  assert.equal(offsetOf('ab', 0, 0), 0)
})
