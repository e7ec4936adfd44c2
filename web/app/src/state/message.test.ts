import assert from 'node:assert/strict'
import { test } from 'vitest'
import { merged, messageOf, type Message } from './message.ts'

const message = (seq: number, content = ''): Message => ({
  id: String(seq),
  seq,
  role: 'user',
  content,
  author: null,
  created_at: '2026-01-01T00:00:00Z',
  at: new Date(0),
  day: '',
  payload: {},
  attachments: [],
  client_id: null,
})

test('messages are sorted by seq, each once, the newer state counts', () => {
  let list = merged([], [message(5)])
  list = merged(list, [message(7)])
  list = merged(list, [message(2), message(5, 'newer')])
  assert.deepEqual(
    list.map((one) => [one.seq, one.content]),
    [
      [2, ''],
      [5, 'newer'],
      [7, ''],
    ],
  )
})

test('a frame and an answer become the same message', () => {
  const common = { id: 'm', role: 'user' as const, content: 'x', author: 'Eve', created_at: '2026-01-01T00:00:00Z', session_id: null, seq: 3 }
  const file = { uri: '/f', name: 'f' }
  const none = { type: null, relative_path: null, download_url: null, size_bytes: null, width: null, height: null, duration: null }
  const byFrame = messageOf({ ...common, payload: { attachments: [file] } })
  const byAnswer = messageOf({ ...common, payload: { attachments: [file] }, attachments: [{ ...none, ...file }] })
  assert.deepEqual(byFrame, byAnswer)
})
