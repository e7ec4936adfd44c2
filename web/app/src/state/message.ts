import type { FrameMessage } from '../api/frames'
import type { Schema } from '../api/client'
import { dateOf } from '../lib/date'

export type Attachment = Schema<'AttachmentSparse'>

/** A step that a tmate took for an answer. */
export type Step = { tool: string; summary: string; ok: boolean; ms: number }

/** What stands in a message besides its text, as far as this app reads it. */
export type Payload = Schema<'MessagePayload'> & { steps?: Step[]; system?: boolean }

/** A message as the app keeps it, whether it came by REST or by the socket. */
export type Message = {
  id: string
  seq: number
  role: 'user' | 'assistant' | 'system'
  content: string
  author: string | null
  created_at: string
  at: Date
  /** The day on which it was said, as one text for all of that day. */
  day: string
  payload: Payload
  attachments: Attachment[]
  client_id: string | null
}

export function messageOf(raw: Schema<'Message'> | FrameMessage): Message {
  const payload = (raw.payload ?? {}) as Payload
  const attachments = 'attachments' in raw ? (raw.attachments as Schema<'Attachment'>[]).map(sparse) : (payload.attachments ?? [])
  const created_at = raw.created_at ?? new Date().toISOString()
  const at = dateOf(created_at)
  return {
    id: raw.id,
    seq: raw.seq,
    role: raw.role,
    content: raw.content,
    author: raw.author,
    created_at,
    at,
    day: at.toDateString(),
    payload,
    attachments,
    client_id: raw.client_id ?? null,
  }
}

function sparse(full: Schema<'Attachment'>): Attachment {
  return Object.fromEntries(Object.entries(full).filter(([, value]) => value !== null)) as Attachment
}

/** Adds messages to a list that is sorted by seq; one that is there already is replaced by its newer state. */
export function merged(list: Message[], added: Message[]): Message[] {
  const last = list.at(-1)?.seq ?? 0
  if (added.length === 1 && added[0]!.seq > last) return [...list, added[0]!]
  const bySeq = new Map(list.map((message) => [message.seq, message]))
  for (const message of added) bySeq.set(message.seq, message)
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}
