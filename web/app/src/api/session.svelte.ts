import { at } from './address'
import { ApiError } from './error'

/** Who is signed in, as /auth/v1 describes a person. */
export type User = { id: string; email: string; [more: string]: unknown }

/** What /auth/v1 answers a login with. */
export type Tokens = { access_token: string; refresh_token: string; expires_at: number; user: User }

const key = 'tmates.session'

/** Seconds before its end at which a token is replaced. */
const early = 60

class Session {
  current: Tokens | null = $state.raw(read())
  /** Somebody was signed in, and the server does not know the session any more. */
  ended = $state(false)
  #renewal: Promise<boolean> | null = null

  constructor() {
    // Another tab signs in, out, or renews for all.
    window.addEventListener('storage', (event) => {
      if (event.key === key) this.current = read()
    })
  }

  get user(): User | null {
    return this.current?.user ?? null
  }

  begin(tokens: Tokens): void {
    localStorage.setItem(key, JSON.stringify(tokens))
    this.current = tokens
    this.ended = false
  }

  /** Forgets the session here. */
  forget(): void {
    localStorage.removeItem(key)
    this.current = null
  }

  /** Signs out here and at the server. */
  async end(): Promise<void> {
    const token = this.current?.access_token
    this.forget()
    if (token) await fetch(at('/auth/v1/logout?scope=local'), { method: 'POST', headers: { Authorization: `Bearer ${token}` } }).catch(() => {})
  }

  /** An access token that is good for a while, or null when nobody is signed in. */
  async token(): Promise<string | null> {
    if (this.current && this.current.expires_at - early < Date.now() / 1000) await this.renew(this.current.access_token)
    return this.current?.access_token ?? null
  }

  /**
   * Replaces a token that is too old or was refused. False: nobody is signed in any more. The tabs of a browser
   * do it one after the other, and the second finds what the first one got.
   */
  renew(refused: string): Promise<boolean> {
    this.#renewal ??= inTurn(() => this.#renew(refused)).finally(() => (this.#renewal = null))
    return this.#renewal
  }

  async #renew(refused: string): Promise<boolean> {
    const latest = read()
    if (!latest) {
      this.current = null
      return false
    }
    if (latest.access_token !== refused) {
      this.current = latest
      return true
    }
    const { status, body } = await ask('/auth/v1/token?grant_type=refresh_token', { refresh_token: latest.refresh_token })
    if (status === 200) {
      this.begin(body as Tokens)
      return true
    }
    if (status >= 400 && status < 500 && status !== 429) {
      this.ended = true
      this.forget()
      return false
    }
    throw new ApiError(status, body)
  }
}

export const session = new Session()

/** Sends a form to /auth/v1 as nobody in particular. */
export async function ask(path: string, body: unknown, method = 'POST', token?: string): Promise<{ status: number; body: unknown }> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' }
  if (token) headers.Authorization = `Bearer ${token}`
  let answer: Response
  try {
    answer = await fetch(at(path), { method, headers, body: JSON.stringify(body) })
  } catch {
    return { status: 0, body: null }
  }
  return { status: answer.status, body: await answer.json().catch(() => null) }
}

/** Like ask, and an answer that is not 2xx is an ApiError. */
export async function demand<T>(path: string, body: unknown, method = 'POST', token?: string): Promise<T> {
  const answer = await ask(path, body, method, token)
  if (answer.status < 200 || answer.status > 299) throw new ApiError(answer.status, answer.body)
  return answer.body as T
}

function read(): Tokens | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null')
    return kept && typeof kept.access_token === 'string' && typeof kept.user?.id === 'string' ? kept : null
  } catch {
    return null
  }
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work() // pages without TLS have none
  return navigator.locks.request(key, work)
}
