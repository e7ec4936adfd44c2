import { SvelteMap } from 'svelte/reactivity'
import { api, done, type Schema } from '../api/client'
import type { Frame } from '../api/frames'
import { live } from '../api/live.svelte'
import { merged, messageOf, type Message } from './message'
import { joined, type Writing } from './writing'
import { dateOf } from '../lib/time'

/** Messages a page. */
const page = 80

/** Milliseconds an answer stays that has ended and whose message has not come: the two are said one after the other. */
const grace = 3000

/**
 * One thread on the screen: its newest messages, more of them as one scrolls back, and what is being written. It is
 * kept up by the socket, and after a lost connection it asks for what it missed.
 */
export class Conversation {
  readonly id: string
  messages: Message[] = $state.raw([])
  loaded = $state(false)
  /** There may be older messages. */
  older = $state(false)
  fetching = $state(false)
  err: unknown = $state.raw(null)
  /** Somebody is asked who answers. */
  routing = $state(false)
  readonly writing = new SvelteMap<string, Writing>()
  #since = new Map<string, number>()
  #subscribed = 0
  #unlisten: (() => void)[] = []

  constructor(id: string) {
    this.id = id
  }

  /** Begins to follow the thread; the returned function ends it. */
  follow(): () => void {
    this.#unlisten = [live.listen((frame) => this.#hear(frame)), live.onOpen(() => (this.loaded || this.fetching ? this.#subscribe() : void this.load()))]
    if (!this.loaded && !this.fetching) void this.load()
    return () => {
      for (const end of this.#unlisten) end()
    }
  }

  get last(): number {
    return this.messages.at(-1)?.seq ?? 0
  }

  /** Reads the newest messages anew. */
  async load(): Promise<void> {
    this.fetching = true
    try {
      await early
      if (!this.loaded) this.take(await read(this.id))
      this.#subscribe()
    } catch (err) {
      this.err = err
    } finally {
      this.fetching = false
    }
  }

  /** Shows the newest messages as they were read. */
  take(thread: Schema<'Thread'>): void {
    this.messages = merged(this.messages, thread.messages.map(messageOf))
    this.older = thread.messages.length === page
    this.err = null
    this.loaded = true
  }

  /** Reads the messages before the oldest one. */
  async back(): Promise<void> {
    const first = this.messages[0]
    if (this.fetching || !this.older || !first) return
    this.fetching = true
    try {
      const query = { limit: page, before: first.seq }
      const thread = await done(api.GET('/v1/chats/{thread_id}', { params: { path: { thread_id: this.id }, query } }))
      this.older = thread.messages.length > 0
      this.messages = merged(this.messages, thread.messages.map(messageOf))
      this.err = null
    } catch (err) {
      this.err = err
    } finally {
      this.fetching = false
    }
  }

  /** Reads back until a message is there; false when it is not in the thread. */
  async reach(seq: number): Promise<boolean> {
    while (this.loaded && this.older && (this.messages[0]?.seq ?? 0) > seq) {
      await this.back()
      if (this.err) return false
    }
    return this.messages.some((message) => message.seq === seq)
  }

  add(message: Message): void {
    if (!this.loaded) return // it comes with the others
    this.messages = merged(this.messages, [message])
    if (message.payload.job_id) this.#end(message.payload.job_id)
  }

  /** Stops what is being done here. */
  async stop(): Promise<void> {
    const jobs = [...this.writing.keys()].map((job) => done(api.POST('/v1/jobs/{job_id}/cancel', { params: { path: { job_id: job } } })))
    await Promise.all(jobs)
  }

  /** Forgets what is shown, after the thread was emptied. */
  empty(): void {
    this.messages = []
    this.writing.clear()
    this.older = false
  }

  #subscribe(): void {
    if (this.loaded) live.send({ type: 'subscribe', thread_id: this.id, after: this.last, stream: true })
  }

  #hear(frame: Frame): void {
    if (!('thread_id' in frame) || frame.thread_id !== this.id) return
    switch (frame.type) {
      case 'new_message':
        this.add(messageOf(frame.message))
        return
      case 'subscribed':
        // Who still works is said next.
        this.writing.clear()
        this.routing = false
        this.#subscribed = Date.now()
        return
      case 'resync':
        this.messages = []
        this.loaded = false
        void this.load()
        return
      case 'message_reset':
        this.#write(frame.job_id, frame.agent, { text: '', length: 0 })
        return
      case 'message_delta': {
        const now = this.writing.get(frame.job_id)
        const next = joined(now?.text ?? '', now?.length ?? 0, frame.offset, frame.text)
        if (next) this.#write(frame.job_id, frame.agent, next)
        else this.#subscribe()
        return
      }
      case 'chat_status':
        this.#status(frame)
    }
  }

  #status(frame: Extract<Frame, { type: 'chat_status' }>): void {
    switch (frame.status) {
      case 'agent_routing':
        this.routing = true
        return
      case 'agent_typing':
        this.routing = false
        if (frame.agent && frame.job_id) this.#write(frame.job_id, frame.agent, { doing: frame.stage ? (frame.status_message ?? '') : '' })
        return
      case 'agent_processing_completed':
      case 'agent_processing_error':
      case 'agent_error':
      case 'agent_cancelled': {
        this.routing = false
        for (const one of [...this.writing.values()]) {
          if (frame.job_id ? one.job !== frame.job_id : frame.agent && one.agent !== frame.agent) continue
          if (one.text) setTimeout(() => this.#end(one.job), grace)
          else this.#end(one.job)
        }
      }
    }
  }

  #write(job: string, agent: string, part: Partial<Writing>): void {
    const now = this.writing.get(job)
    if (!now && this.messages.some((message) => message.payload.job_id === job && message.role === 'assistant')) return
    if (!this.#since.has(job)) this.#begin(job)
    const begun = now ?? { job, agent, text: '', length: 0, doing: '', since: this.#since.get(job)! }
    this.writing.set(job, { ...begun, ...part, doing: part.text ? '' : (part.doing ?? begun.doing) })
  }

  /** Notes since when a job runs. One that ran before this page listened is asked for. */
  #begin(job: string): void {
    this.#since.set(job, Date.now())
    if (Date.now() - this.#subscribed > grace) return
    done(api.GET('/v1/jobs/{job_id}', { params: { path: { job_id: job } } }))
      .then(({ started_at }) => {
        const now = this.writing.get(job)
        if (!started_at || !now) return
        const since = dateOf(started_at).getTime()
        this.#since.set(job, since)
        this.writing.set(job, { ...now, since })
      })
      .catch(() => {}) // it is counted from now
  }

  #end(job: string): void {
    this.writing.delete(job)
    this.#since.delete(job)
  }
}

const read = (id: string) => done(api.GET('/v1/chats/{thread_id}', { params: { path: { thread_id: id }, query: { limit: page } } }))

let early: Promise<void> | null = null

/** Reads the Team Chat by its name, for a page that opens with it and does not know its id yet. */
export function readTeamChat(): void {
  const mine: Promise<void> = read('team:all').then(
    (thread) => {
      if (early === mine) conversation(thread.id).take(thread)
    },
    () => {}, // it is read again, and then the reason is shown
  )
  early = mine
}

const kept = new Map<string, Conversation>()

/** The conversation of a thread. The ones seen last are kept, so that going back to one is at once. */
export function conversation(id: string): Conversation {
  const found = kept.get(id) ?? new Conversation(id)
  kept.delete(id)
  kept.set(id, found)
  if (kept.size > 12) kept.delete(kept.keys().next().value!)
  return found
}

/** Forgets them all, when somebody else signs in. */
export function forgetConversations(): void {
  kept.clear()
  early = null
}
