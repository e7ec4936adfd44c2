/** Why a call failed: what the server said of it, or that it could not be asked. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Seconds until it is worth trying again, when the server said so. */
  readonly retryAfter: number | null
  /** The body of the answer. */
  readonly body: unknown

  constructor(status: number, body: unknown, retryAfter: number | null = null) {
    super(sentence(body) ?? (status === 0 ? 'The server cannot be reached.' : `The server answered ${status}.`))
    this.status = status
    this.body = body
    this.retryAfter = retryAfter
  }

  /** Nothing is wrong with the request: it may be sent again. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502 || this.status === 500
  }

  /** The faults of single fields, by their name. */
  get fields(): Record<string, string> {
    const found: Record<string, string> = {}
    const detail = (this.body as { detail?: unknown } | null)?.detail
    if (Array.isArray(detail)) {
      for (const fault of detail as { loc?: unknown[]; msg?: string }[]) {
        const name = fault.loc?.findLast((part) => typeof part === 'string')
        if (typeof name === 'string' && fault.msg) found[name] ??= fault.msg
      }
    }
    return found
  }
}

function sentence(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null
  const { detail, msg, error_description, message } = body as Record<string, unknown>
  if (typeof detail === 'string') return detail
  if (Array.isArray(detail)) {
    return detail
      .map((fault) => (typeof fault === 'object' && fault !== null ? String((fault as { msg?: unknown }).msg ?? '') : ''))
      .filter(Boolean)
      .join('; ')
  }
  for (const text of [msg, error_description, message]) if (typeof text === 'string') return text
  return null
}
