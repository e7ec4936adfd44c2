import { api, done, type Schema } from '../api/client'
import type { Frame } from '../api/frames'
import { live } from '../api/live.svelte'
import { Resource } from './resource.svelte'

export type Thread = Schema<'ThreadSummary'>

/** The person's threads, the newest activity first; kept up by the socket. */
class Threads extends Resource<Thread[]> {
  /** Who works in a thread right now, by thread and then by tmate. */
  working: Record<string, Record<string, number>> = $state({})

  constructor() {
    super(async () => done(api.GET('/v1/chats', { params: { query: { limit: 100 } } })))
    live.listen((frame) => this.#hear(frame))
    live.onOpen(() => {
      this.working = {}
      if (this.data || this.err) void this.load()
    })
  }

  get unread(): number {
    return (this.data ?? []).reduce((sum, thread) => sum + thread.unread_count, 0)
  }

  get(id: string): Thread | undefined {
    return this.data?.find((thread) => thread.id === id)
  }

  /** As they are listed: the Team Chat keeps its place at the top. */
  get ordered(): Thread[] {
    return [...(this.data ?? [])].sort((a, b) => Number(b.kind === 'group') - Number(a.kind === 'group'))
  }

  /** The Team Chat. */
  get team(): Thread | undefined {
    return this.data?.find((thread) => thread.kind === 'group')
  }

  /** The direct thread with a tmate, made when there is none. */
  async open(tmate: string): Promise<Thread> {
    const thread = await done(api.POST('/v1/chats', { body: { agent_key: tmate } }))
    if (!this.get(thread.id)) await this.load()
    return thread
  }

  /** Marks a thread as read up to a message, here at once and on the server. */
  async read(id: string, seq: number): Promise<void> {
    const thread = this.get(id)
    if (!thread || thread.unread_count === 0 || seq <= (thread.last_read_seq)) return
    this.#change(id, { unread_count: 0, last_read_seq: seq })
    try {
      await done(api.PUT('/v1/chats/{thread_id}/read', { params: { path: { thread_id: id } }, body: { seq } }))
    } catch {
      void this.load() // the badge comes back
    }
  }

  #hear(frame: Frame): void {
    switch (frame.type) {
      case 'new_message': {
        const { role, content, created_at, seq } = frame.message
        const thread = this.get(frame.thread_id)
        if (!thread) {
          if (this.data) void this.load()
          return
        }
        this.#change(frame.thread_id, {
          last_message_preview: content.slice(0, 160),
          last_activity: created_at ?? thread.last_activity,
          unread_count: role === 'assistant' && seq > (thread.last_read_seq) ? thread.unread_count + 1 : thread.unread_count,
        })
        return
      }
      case 'thread_read':
        this.#change(frame.thread_id, { unread_count: frame.unread_count, last_read_seq: frame.last_read_seq })
        return
      case 'chat_status': {
        const { thread_id, status, agent } = frame
        if (status === 'agent_typing' && agent) (this.working[thread_id] ??= {})[agent] ??= Date.now()
        else if (agent && status !== 'agent_processing_started') delete this.working[thread_id]?.[agent]
        else if (status === 'agent_processing_completed') delete this.working[thread_id]
      }
    }
  }

  #change(id: string, part: Partial<Thread>): void {
    this.data = this.data
      ?.map((thread) => (thread.id === id ? { ...thread, ...part } : thread))
      .sort((a, b) => (b.last_activity ?? '').localeCompare(a.last_activity ?? ''))
  }
}

export const threads = new Threads()
