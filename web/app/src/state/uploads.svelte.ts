import { at } from '../api/address'
import { ApiError } from '../api/error'
import { session } from '../api/session.svelte'
import type { paths } from '../api/schema'
import { bytes } from '../lib/time'
import { messageOf } from '../lib/toasts.svelte'
import { t } from '../lib/words.svelte'
import { room } from './room.svelte'

/** The file as the server stored it. */
export type Stored = paths['/v1/files/upload']['post']['responses'][201]['content']['application/json']['file']

/** A file on its way to the person's folder. `progress` goes from 0 to 1. */
export type Upload = {
  readonly id: number
  readonly name: string
  readonly size: number
  progress: number
  state: 'waiting' | 'sending' | 'done' | 'failed'
  error: string
  file: Stored | null
}

/** Files that are sent at the same time. */
const lanes = 2

let last = 0

/** Sends files to the person's folder, a few at a time. `done` is called with each that has arrived. */
export class Uploads {
  items: Upload[] = $state([])
  readonly #files = new Map<number, File>()
  readonly #requests = new Map<number, XMLHttpRequest>()
  readonly #done: (file: Stored) => void

  constructor(done: (file: Stored) => void = () => {}) {
    this.#done = done
  }

  get busy(): boolean {
    return this.items.some((item) => item.state === 'waiting' || item.state === 'sending')
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const id = ++last
      this.#files.set(id, file)
      this.items.push({ id, name: file.name, size: file.size, progress: 0, state: 'waiting', error: '', file: null })
    }
    this.#next()
  }

  /** Takes a file away, also one that has arrived; the server keeps what it has. */
  cancel(id: number): void {
    this.#files.delete(id)
    this.items = this.items.filter((item) => item.id !== id)
    this.#requests.get(id)?.abort()
    this.#next()
  }

  retry(id: number): void {
    const item = this.#get(id)
    if (item?.state !== 'failed') return
    Object.assign(item, { state: 'waiting', progress: 0, error: '' })
    this.#next()
  }

  /** Takes away all of them. */
  clear(): void {
    for (const { id } of [...this.items]) this.cancel(id)
  }

  #get(id: number): Upload | undefined {
    return this.items.find((item) => item.id === id)
  }

  #next(): void {
    for (const item of this.items) {
      if (this.items.filter(({ state }) => state === 'sending').length >= lanes) return
      if (item.state !== 'waiting') continue
      item.state = 'sending'
      void this.#send(item.id)
    }
  }

  async #send(id: number): Promise<void> {
    try {
      await this.#fits(id)
      const stored = await this.#post(id)
      const item = this.#get(id)
      if (!item) return
      Object.assign(item, { state: 'done', progress: 1, file: stored })
      this.#files.delete(id)
      this.#done(stored)
    } catch (err) {
      const item = this.#get(id)
      if (item) Object.assign(item, { state: 'failed', error: messageOf(err) })
    } finally {
      this.#next()
    }
  }

  /** A file that is too large is not sent to be told so: it may take minutes. */
  async #fits(id: number): Promise<void> {
    if (!room.data) await room.load()
    const most = room.data?.max_size
    if (most && (this.#files.get(id)?.size ?? 0) > most) throw new Error(t('files.toolarge', { most: bytes(most) }))
  }

  /** One that is refused for its token is sent again with a new one. */
  async #post(id: number): Promise<Stored> {
    const token = await session.token()
    try {
      return await this.#request(id, token)
    } catch (err) {
      if (!(err instanceof ApiError) || err.status !== 401 || !token || !(await session.renew(token))) throw err
      return this.#request(id, await session.token())
    }
  }

  // fetch does not say how much has been sent.
  #request(id: number, token: string | null): Promise<Stored> {
    return new Promise((resolve, reject) => {
      const file = this.#files.get(id)
      if (!file) return reject(new DOMException('', 'AbortError')) // taken away meanwhile
      const request = new XMLHttpRequest()
      this.#requests.set(id, request)
      request.open('POST', at('/v1/files/upload'))
      request.responseType = 'json'
      if (token) request.setRequestHeader('Authorization', `Bearer ${token}`)
      request.upload.onprogress = ({ loaded, total }) => {
        const item = this.#get(id)
        if (item) item.progress = total ? loaded / total : 0
      }
      request.onload = () => {
        if (request.status === 201) resolve(request.response.file)
        else reject(new ApiError(request.status, request.response))
      }
      request.onerror = () => reject(new ApiError(0, null))
      request.onabort = () => reject(new DOMException('', 'AbortError'))
      request.onloadend = () => this.#requests.delete(id)
      const form = new FormData()
      form.append('file', file, file.name)
      request.send(form)
    })
  }
}
