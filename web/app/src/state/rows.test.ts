import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Message } from './message.ts'
import type { Outgoing } from './outbox.svelte'
import { rowsOf } from './rows.ts'

const at = (text: string) => new Date(text)
const message = (seq: number, part: Partial<Message>): Message => dated({
  id: String(seq),
  seq,
  role: 'assistant',
  content: '',
  author: 'Adam',
  created_at: '2026-03-01T12:00:00',
  payload: { agent_key: 'adam' },
  attachments: [],
  client_id: null,
  ...part,
})
const dated = (message: Omit<Message, 'at' | 'day'>): Message => ({ ...message, at: at(message.created_at), day: at(message.created_at).toDateString() })
const outgoing = (client_id: string): Outgoing => ({
  client_id,
  thread_id: 't',
  content: 'x',
  attachments: [],
  created_at: '2026-03-01T12:00:00',
  state: 'sending',
  fault: '',
})
const nothing = { messages: [], outgoing: [], writing: [], routing: false, older: false, readUpTo: null }
const kinds = (rows: { kind: string }[]) => rows.map((row) => row.kind).join(' ')

test('each day has its line, and one speaker one heading until some minutes pass', () => {
  const rows = rowsOf(
    {
      ...nothing,
      messages: [
        message(1, { created_at: '2026-03-01T23:58:00' }),
        message(2, { created_at: '2026-03-01T23:59:00' }),
        message(3, { created_at: '2026-03-02T00:01:00' }),
        message(4, { created_at: '2026-03-02T00:02:00', payload: { agent_key: 'nora' } }),
        message(5, { created_at: '2026-03-02T00:10:00', payload: { agent_key: 'nora' } }),
      ],
    },
  )
  assert.deepEqual(kinds(rows), 'day message message day message message message')
  assert.deepEqual(
    rows.flatMap((row) => (row.kind === 'message' ? [row.first] : [])),
    [true, false, true, true, true],
  )
})

test('the line above what is new stands before the first unread message of others', () => {
  const messages = [message(1, {}), message(2, { role: 'user' }), message(3, {}), message(4, {})]
  assert.deepEqual(kinds(rowsOf({ ...nothing, messages, readUpTo: 1 })), 'day message message new message message')
  assert.deepEqual(kinds(rowsOf({ ...nothing, messages, readUpTo: 9 })), 'day message message message message')
})

test('a message keeps its key when the server has it', () => {
  const before = rowsOf({ ...nothing, outgoing: [outgoing('c1')] })
  const after = rowsOf({ ...nothing, messages: [message(1, { role: 'user', client_id: 'c1' })], outgoing: [outgoing('c1')] })
  assert.deepEqual(before.at(-1)!.key, 'c:c1')
  assert.deepEqual(kinds(after), 'day message')
  assert.deepEqual(after.at(-1)!.key, 'c:c1')
})

test('what is under way stands at the end', () => {
  const rows = rowsOf({ ...nothing, older: true, messages: [message(1, {})], outgoing: [outgoing('c')], routing: true, writing: ['j'] })
  assert.deepEqual(kinds(rows), 'older day message outgoing writing')
  assert.deepEqual(kinds(rowsOf({ ...nothing, routing: true })), 'routing')
})
