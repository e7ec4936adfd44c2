import type { Message } from './message.ts'
import type { Outgoing } from './outbox.svelte'
import type { Writing } from './writing.ts'

/** A line of a conversation on the screen. */
export type Row =
  | { kind: 'older'; key: string }
  | { kind: 'day'; key: string; at: Date }
  | { kind: 'new'; key: string }
  | { kind: 'event'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; first: boolean }
  | { kind: 'outgoing'; key: string; item: Outgoing; first: boolean }
  | { kind: 'writing'; key: string; job: string }
  | { kind: 'routing'; key: string }

/** Minutes after which a message of the same person has a heading again. */
const together = 5

type Parts = {
  messages: Message[]
  outgoing: Outgoing[]
  writing: Writing['job'][]
  routing: boolean
  older: boolean
  /** The mark up to which the person had read when they came; null shows no line. */
  readUpTo: number | null
}

/** Lays a conversation out: days, headings, the line above what is new, and at the end what is under way. */
export function rowsOf({ messages, outgoing, writing, routing, older, readUpTo }: Parts): Row[] {
  const rows: Row[] = older ? [{ kind: 'older', key: 'older' }] : []
  let day = ''
  let speaker = ''
  let last = 0
  let marked = readUpTo === null
  for (const message of messages) {
    const { at } = message
    if (message.day !== day) {
      day = message.day
      rows.push({ kind: 'day', key: `day:${day}`, at })
      speaker = ''
    }
    if (!marked && message.seq > readUpTo! && message.role !== 'user') {
      rows.push({ kind: 'new', key: 'new' })
      marked = true
      speaker = ''
    }
    const key = message.client_id && message.role === 'user' ? `c:${message.client_id}` : `m:${message.seq}`
    if (message.role === 'system') {
      rows.push({ kind: 'event', key, message })
      speaker = ''
      continue
    }
    const who = message.role === 'user' ? 'you' : (message.payload.agent_key ?? message.author ?? '')
    const first = who !== speaker || at.getTime() - last > together * 60_000
    rows.push({ kind: 'message', key, message, first })
    speaker = who
    last = at.getTime()
  }
  const known = new Set(messages.map((message) => message.client_id))
  for (const item of outgoing) {
    if (known.has(item.client_id)) continue
    rows.push({ kind: 'outgoing', key: `c:${item.client_id}`, item, first: speaker !== 'you' })
    speaker = 'you'
  }
  if (routing && writing.length === 0) rows.push({ kind: 'routing', key: 'routing' })
  for (const job of writing) rows.push({ kind: 'writing', key: `job:${job}`, job })
  return rows
}
