import { Resource } from './resource.svelte'
import { joined } from './joined'

/** Asks for at most `limit` items, behind the one that `before` names. */
type Read<T> = (limit: number, before?: string) => Promise<T[]>

/** As many as the server gives at once. */
const most = 100

/**
 * A list, the newest first, of which the beginning is read, and more when it is asked for. Reading it anew keeps the
 * older ones.
 */
export class Pages<T extends { id: string }> extends Resource<T[]> {
  /** There may be older ones than those that were read. */
  more = $state(false)
  readonly #page: Read<T>
  readonly #nameOf: (item: T) => string

  constructor(first: number, page: Read<T>, nameOf: (item: T) => string) {
    super(async () => {
      const known = this.data ?? []
      const limit = Math.min(Math.max(first, known.length), most)
      const fresh = await page(limit)
      const all = joined(fresh, this.data ?? [])
      if (all.length === fresh.length) this.more = fresh.length >= limit
      return all
    })
    this.#page = page
    this.#nameOf = nameOf
  }

  /** Reads the next ones; an empty page is the last. */
  async older(): Promise<void> {
    const last = this.data?.at(-1)
    if (!last || this.loading) return
    this.loading = true
    try {
      const page = await this.#page(most, this.#nameOf(last))
      this.more = page.length > 0
      const known = new Set(this.data?.map(({ id }) => id))
      this.data = [...(this.data ?? []), ...page.filter(({ id }) => !known.has(id))]
      this.err = null
    } catch (err) {
      this.err = err
    } finally {
      this.loading = false
    }
  }

  override forget(): void {
    super.forget()
    this.more = false
  }
}
