import { api, done, type Schema } from '../../api/client'
import { ApiError } from '../../api/error'

export const manifest = 'manifest.yaml'
export const persona = 'prompts/brain/system.txt'
type Checked = Schema<'CheckedTmate'>

/** How a tmate is written, while it is being changed: its files by name, and what is wrong with them. */
export class Draft {
  readonly key: string | null
  files: Record<string, string> = $state({})
  ready = $state(false)
  editable = $state(false)
  err: unknown = $state.raw(null)
  problems: Checked['problems'] | null = $state.raw(null)
  checking = $state(false)
  /** Why it could not be looked at. */
  fault: unknown = $state.raw(null)
  #kept = $state('')
  #last = 0

  /** A draft of the tmate with a key, or of a new one with a name. */
  constructor(
    key: string | null,
    private readonly name = '',
  ) {
    this.key = key
  }

  get dirty(): boolean {
    return this.ready && this.#kept !== JSON.stringify(this.#body())
  }

  /** It was looked at as it is now, and no error was found. */
  get ok(): boolean {
    return !this.checking && this.problems !== null && this.problems.every((one) => one.level !== 'error')
  }

  async load(): Promise<void> {
    try {
      if (this.key) {
        const source = await done(api.GET('/v1/tmates/{tmate_key}/source', { params: { path: { tmate_key: this.key } } }))
        this.#take(source)
        this.editable = source.editable
      } else {
        this.#take(await done(api.GET('/v1/tmates/template', { params: { query: { name: this.name } } })))
        this.editable = true
      }
      this.err = null
    } catch (err) {
      this.err = err
    }
  }

  /** Looks at it a moment after each change; for an effect. */
  follow(): () => void {
    JSON.stringify(this.files)
    this.#last++
    this.checking = true
    const timer = setTimeout(() => void this.check(), 400)
    return () => clearTimeout(timer)
  }

  async check(): Promise<void> {
    const mine = ++this.#last
    this.checking = true
    try {
      const { problems } = await done(api.POST('/v1/tmates/check', { body: { ...this.#body(), key: this.key } }))
      if (mine !== this.#last) return
      this.problems = problems
      this.fault = null
    } catch (err) {
      if (mine !== this.#last) return
      this.problems = null
      this.fault = err
    } finally {
      if (mine === this.#last) this.checking = false
    }
  }

  /** Keeps it on the server. A source that is refused has its problems here. */
  async save(): Promise<Checked> {
    const body = this.#body()
    try {
      const answer = this.key
        ? await done(api.PUT('/v1/tmates/{tmate_key}', { params: { path: { tmate_key: this.key } }, body }))
        : await done(api.POST('/v1/tmates', { body }))
      this.#kept = JSON.stringify(body)
      return answer
    } catch (err) {
      const detail = err instanceof ApiError && err.status === 422 ? (err.body as { detail?: unknown }).detail : null
      if (Array.isArray(detail) && detail.every((one) => typeof one === 'object' && one !== null && 'line' in one)) this.problems = detail as Checked['problems']
      throw err
    }
  }

  /** What was changed is given up. */
  leave(): void {
    this.#kept = JSON.stringify(this.#body())
  }

  #take(source: { manifest: string; files: Schema<'SourceFile'>[] }): void {
    this.files = { [manifest]: source.manifest, ...Object.fromEntries(source.files.map((file) => [file.name, file.content])) }
    this.#kept = JSON.stringify(this.#body())
    this.ready = true
  }

  #body(): Schema<'TmateSource'> {
    const files = Object.entries(this.files).filter(([name, content]) => name !== manifest && content.trim())
    return { manifest: this.files[manifest] ?? '', files: files.map(([name, content]) => ({ name: name as Schema<'SourceFileName'>, content })) }
  }
}
