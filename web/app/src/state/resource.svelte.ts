import { untrack } from 'svelte'
import type { Frame } from '../api/frames'
import { live } from '../api/live.svelte'

/**
 * Something that is read from the server and kept: what was read last, whether it is being read, and why it could
 * not be.
 */
export class Resource<T> {
  data: T | undefined = $state.raw()
  err: unknown = $state.raw(null)
  loading = $state(false)
  readonly #read: () => Promise<T>
  #last = 0

  constructor(read: () => Promise<T>) {
    this.#read = read
  }

  /** Reads it anew. Of several at a time the one that began last counts. */
  async load(): Promise<void> {
    const mine = ++this.#last
    this.loading = true
    try {
      const data = await untrack(this.#read) // what it looks at is no reason to read anew
      if (mine !== this.#last) return
      this.data = data
      this.err = null
    } catch (err) {
      if (mine === this.#last) this.err = err
    } finally {
      if (mine === this.#last) this.loading = false
    }
  }

  /** Reads it now and after each lost connection, and tells of frames, until the returned function is called. */
  follow(hear: (frame: Frame) => void): () => void {
    void this.load()
    let seen = live.state === 'open' // it is being read just now
    const leave = [
      live.onOpen(() => {
        if (!seen) void this.load()
        seen = false
      }),
      live.listen(hear),
    ]
    return () => leave.forEach((stop) => stop())
  }

  forget(): void {
    this.#last++
    this.data = undefined
    this.err = null
    this.loading = false
  }
}
