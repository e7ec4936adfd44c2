import assert from 'node:assert'
import { test } from 'vitest'
import { allowOf, colourOf, fieldOf, listOf, offsetOf, readable, withAllow, withFace, withField, withList } from './manifest'

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

test('what is no YAML or has no fields is not readable', () => {
  assert.deepEqual([source, '', 'name: [', '- a'].map(readable), [true, true, false, false])
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

test('a field inside a mapping is read and written', () => {
  const branded = 'icon: "🌱"\nbranding: {emoji: "🌱", color: "#2e7d32"}\n'
  assert.equal(fieldOf(branded, 'branding', 'color'), '#2e7d32')
  assert.equal(fieldOf('branding: green\n', 'branding', 'color'), null)
  assert.equal(withField('branding: green\n', ['branding', 'color'], '#fff'), 'branding: green\n')
  assert.equal(fieldOf(withField('name: Ada\n', ['branding', 'color'], '#112233'), 'branding', 'color'), '#112233')
  assert.equal(withField('name: Ada\nbranding: {color: red}\n', ['branding', 'color'], ''), 'name: Ada\n')
  assert.equal(withFace(branded, '🦊'), branded.replaceAll('"🌱"', '🦊'))
  assert.equal(withFace('name: Ada\n', '🦊'), 'name: Ada\nicon: 🦊\n')
})

test('a colour field takes six digits', () => {
  assert.deepEqual(['#2E7d32', '#a1f', 'red', ''].map(colourOf), ['#2e7d32', '#aa11ff', '#808080', '#808080'])
})

test('a list of texts is read and written', () => {
  const listed = 'name: Ada\n\n# What to say first.\nstarters:\n  - Hi\n  - "note: it"\n\n# more\nrole: Helper\n'
  assert.deepEqual(listOf(listed, 'starters'), ['Hi', 'note: it'])
  assert.equal(listOf('name: Ada\n', 'starters'), undefined)
  assert.equal(listOf('starters: Hi\n', 'starters'), null)
  const changed = withList(listed, ['starters'], ['Hi', 'a: b', 'Bye'])
  assert.deepEqual(listOf(changed, 'starters'), ['Hi', 'a: b', 'Bye'])
  assert.ok(changed.includes('# What to say first.\nstarters:\n  - Hi\n') && changed.includes('# more\nrole: Helper\n'))
  assert.equal(listOf(withList(listed, ['starters'], undefined), 'starters'), undefined)
})

test('a line and a column are a place in the text', () => {
  assert.equal(offsetOf('ab\ncd', 2, 2), 4)
  assert.equal(offsetOf('ab\ncd', 9, 9), 5)
  assert.equal(offsetOf('ab', 0, 0), 0)
})
