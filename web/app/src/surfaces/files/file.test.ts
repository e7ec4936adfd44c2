import assert from 'node:assert/strict'
import { test } from 'vitest'
import { downloadOf, inside, kindOf, rowsOf, sorted, type File } from './file.ts'

const file = (relative_path: string, size = 1, modified = '2026-01-01T00:00:00.000001') => ({ name: relative_path.split('/').at(-1)!, relative_path, size, modified }) as File

test('the kind comes from the ending', () => {
  assert.deepEqual(['a.PNG', 'b.tar.gz', 'c', '.md', 'd.csv', 'e.svg'].map(kindOf), ['image', 'other', 'other', 'markdown', 'table', 'text'])
})

test('folders are made of paths, and count what is below them', () => {
  const files = [file('a.txt'), file('x/b.txt', 2), file('x/y/c.txt', 3), file('xy/d.txt', 4)]
  const top = inside(files, '')
  assert.deepEqual(top.files.map((one) => one.name), ['a.txt'])
  assert.deepEqual(top.folders, [
    { name: 'x', path: 'x', count: 2, size: 5 },
    { name: 'xy', path: 'xy', count: 1, size: 4 },
  ])
  assert.deepEqual(inside(files, 'x').files.map((one) => one.name), ['b.txt'])
})

test('files are sorted without touching the list', () => {
  const files = [file('10.txt', 1), file('9.txt', 3), file('a.csv', 2, '2026-02-01T00:00:00.000001')]
  assert.deepEqual(sorted(files, 'name', false).map((one) => one.name), ['9.txt', '10.txt', 'a.csv'])
  assert.deepEqual(sorted(files, 'size', true).map((one) => one.size), [3, 2, 1])
  assert.equal(sorted(files, 'date', true)[0]!.name, 'a.csv')
  assert.equal(sorted(files, 'kind', false)[0]!.name, 'a.csv')
  assert.equal(files[0]!.name, '10.txt')
})

test('CSV has quotes, line ends of both kinds and three separators', () => {
  assert.deepEqual(rowsOf('a,b\r\n"x, ""y""\nz",2\r\n', 9), [['a', 'b'], ['x, "y"\nz', '2']])
  assert.deepEqual(rowsOf('a;b;c,d\n1;2', 9), [['a', 'b', 'c,d'], ['1', '2']])
  assert.deepEqual(rowsOf('a\tb\n\n1\t', 9), [['a', 'b'], [''], ['1', '']])
  assert.deepEqual(rowsOf('a\nb\nc', 2), [['a'], ['b']])
  assert.deepEqual(rowsOf('"open', 9), [['open']])
  assert.deepEqual(rowsOf('', 9), [])
})

test('an address keeps the slashes of a path', () => {
  assert.equal(downloadOf('a b/c#d.txt'), '/v1/files/download/a%20b/c%23d.txt')
})
