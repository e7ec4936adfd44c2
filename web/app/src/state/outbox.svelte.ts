import { api, done, type Schema } from '../api/client'
import { ApiError } from '../api/error'
import { live } from '../api/live.svelte'
import { session } from '../api/session.svelte'
import { conversation } from './conversation.svelte'
import { messageOf, type Attachment } from './message'

/** Something that was said here and that the server does not have yet. */
export type Outgoing = {
  /** The server knows a repeated message by it. */
  client_id: string
  thread_id: string
  content: string
  attachments: Attachment[]
  created_at: string
  /** `waiting`: it is sent again by itself; `failed`: the server does not take it. */
  state: 'sending' | 'waiting' | 'failed'
  fault: string
}

const key = () => `tmates.outbox.${session.user?.id ?? ''}`

/**
 * What is on its way to the server, in the order in which it was said. It outlives a reload, and the name that each
 * message has keeps it from being said twice.
 */
class Outbox {
  items: Outgoing[] = $state.raw([])
  #mine = new Set<string>()
  #sending = new Set<string>()
  #timer = 0
  #failures = 0

  constructor() {
    live.onOpen(() => this.#flush())
  }

  /** Takes up what an earlier page of this person left. */
  begin(): void {
    this.items = read(key()).map((item) => ({ ...item, state: item.state === 'failed' ? 'failed' : 'waiting' }))
    for (const item of this.items) this.#mine.add(item.client_id)
    this.#flush()
  }

  in(thread: string): Outgoing[] {
    return this.items.filter((item) => item.thread_id === thread)
  }

  say(thread_id: string, content: string, attachments: Attachment[] = []): void {
    const item: Outgoing = {
      client_id: crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now(),
      thread_id,
      content,
      attachments,
      created_at: new Date().toISOString(),
      state: 'sending',
      fault: '',
    }
    this.#keep([...this.items, item])
    void this.#send(thread_id)
  }

  retry(client_id: string): void {
    const item = this.items.find((one) => one.client_id === client_id)
    if (!item) return
    this.#change(client_id, { state: 'waiting', fault: '' })
    void this.#send(item.thread_id)
  }

  remove(client_id: string): void {
    this.#keep(this.items.filter((item) => item.client_id !== client_id))
  }

  #flush(): void {
    for (const thread of new Set(this.items.map((item) => item.thread_id))) void this.#send(thread)
  }

  /** Sends what waits for a thread, one after the other. */
  async #send(thread: string): Promise<void> {
    if (this.#sending.has(thread)) return
    this.#sending.add(thread)
    const owner = key()
    try {
      for (;;) {
        const next = this.in(thread).find((item) => item.state !== 'failed')
        if (!next || owner !== key()) return
        this.#change(next.client_id, { state: 'sending' })
        try {
          const { content, client_id } = next
          const body = { content, client_id, attachments: next.attachments as Schema<'AttachmentInput'>[] }
          const stored = await done(api.POST('/v1/chats/{thread_id}/messages', { params: { path: { thread_id: thread } }, body }))
          this.#failures = 0
          if (owner !== key()) return
          conversation(thread).add(messageOf(stored))
          this.remove(client_id)
        } catch (err) {
          if (err instanceof ApiError && err.temporary) {
            this.#change(next.client_id, { state: 'waiting', fault: err.status ? err.message : '' })
            this.#later(err.retryAfter)
            return
          }
          this.#change(next.client_id, { state: 'failed', fault: err instanceof Error ? err.message : String(err) })
        }
      }
    } finally {
      this.#sending.delete(thread)
    }
  }

  #later(seconds: number | null): void {
    clearTimeout(this.#timer)
    const wait = seconds ? seconds * 1000 : Math.min(1000 * 2 ** this.#failures++, 30_000)
    this.#timer = window.setTimeout(() => this.#flush(), wait)
  }

  #change(client_id: string, part: Partial<Outgoing>): void {
    this.#keep(this.items.map((item) => (item.client_id === client_id ? { ...item, ...part } : item)))
  }

  #keep(items: Outgoing[]): void {
    this.items = items
    for (const item of items) this.#mine.add(item.client_id)
    const all = [...read(key()).filter((item) => !this.#mine.has(item.client_id)), ...items] // other tabs have theirs
    if (all.length) localStorage.setItem(key(), JSON.stringify(all))
    else localStorage.removeItem(key())
  }
}

export const outbox = new Outbox()

function read(name: string): Outgoing[] {
  try {
    const items = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(items) ? items : []
  } catch {
    return []
  }
}
