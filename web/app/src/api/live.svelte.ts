import { socketAt } from './address'
import type { Frame } from './frames'
import { session } from './session.svelte'

type Listener = (frame: Frame) => void

/** Seconds: how long a socket may say nothing before it is asked, and before it is given up. */
const quiet = 25
const patience = 10

/**
 * The one socket of this page. It comes back by itself: after a failure, when the network does, and when the
 * page is shown again. Whoever listens hears frames in order, and `opened` after each connect to catch up.
 */
class Live {
  state: 'off' | 'connecting' | 'open' | 'waiting' = $state('off')
  /** The browser says that there is a network. */
  online = $state(navigator.onLine)
  #socket: WebSocket | null = null
  #user: string | null = null
  #failures = 0
  #timer = 0
  #watchdog = 0
  #listeners = new Set<Listener>()
  #opened = new Set<() => void>()

  constructor() {
    addEventListener('online', () => {
      this.online = true
      this.#retryNow()
    })
    addEventListener('offline', () => (this.online = false))
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#probe()
    })
  }

  /** Connects as whoever is signed in. */
  start(): void {
    const user = session.user?.id ?? null
    if (user === this.#user) return
    this.stop()
    this.#user = user
    if (user) void this.#connect()
  }

  stop(): void {
    this.#user = null
    this.#drop()
    clearTimeout(this.#timer)
    this.state = 'off'
  }

  /** Calls back for each frame until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back after each connect, also for one that is open already. */
  onOpen(callback: () => void): () => void {
    this.#opened.add(callback)
    if (this.state === 'open') callback()
    return () => this.#opened.delete(callback)
  }

  /** Sends a frame; false when there is no connection. */
  send(frame: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  async #connect(): Promise<void> {
    const user = this.#user
    clearTimeout(this.#timer)
    this.state = 'connecting'
    let token: string | null
    try {
      token = await session.token()
    } catch {
      return this.#later()
    }
    if (user === null || user !== this.#user) return
    if (!token) return this.stop()
    const socket = new WebSocket(socketAt(`/v1/ws/${user}?token=${encodeURIComponent(token)}`))
    this.#socket = socket
    socket.onopen = () => {
      this.#failures = 0
      this.state = 'open'
      this.#listen()
      for (const callback of [...this.#opened]) callback()
    }
    socket.onmessage = (event) => {
      this.#listen()
      const frame = parse(event.data)
      if (frame) for (const listener of [...this.#listeners]) listener(frame)
    }
    socket.onclose = (event) => {
      if (this.#socket !== socket) return
      this.#drop()
      if (event.code === 1008) void this.#refused(token)
      else this.#later()
    }
  }

  /** The session was ended elsewhere, or only its token is too old. */
  async #refused(token: string): Promise<void> {
    try {
      if (await session.renew(token)) this.#later()
      else this.stop()
    } catch {
      this.#later()
    }
  }

  #later(): void {
    if (this.#user === null) return
    this.state = 'waiting'
    const wait = Math.min(500 * 2 ** this.#failures++, 15_000) * (0.5 + Math.random() / 2)
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#connect(), wait)
  }

  #retryNow(): void {
    if (this.state === 'waiting') void this.#connect()
  }

  /** Something was heard: the connection lives. */
  #listen(): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = window.setTimeout(() => this.#probe(), quiet * 1000)
  }

  /** Asks a connection whether it lives; after a sleep it may not. */
  #probe(): void {
    if (this.state === 'waiting') return this.#retryNow()
    if (!this.send({ type: 'ping' })) return
    clearTimeout(this.#watchdog)
    this.#watchdog = window.setTimeout(() => {
      this.#drop()
      this.#later()
    }, patience * 1000)
  }

  #drop(): void {
    clearTimeout(this.#watchdog)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }
}

export const live = new Live()

function parse(data: unknown): Frame | null {
  try {
    const frame = JSON.parse(String(data))
    return typeof frame?.type === 'string' ? frame : null
  } catch {
    return null
  }
}
