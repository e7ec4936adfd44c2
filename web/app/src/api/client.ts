import createClient from 'openapi-fetch'
import { base } from './address'
import { ApiError } from './error'
import type { components, paths } from './schema'
import { session } from './session.svelte'

/** Shapes of the API by name, for example Schema<'Message'>. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/**
 * The API, typed by its document. Wrap each call: `await done(api.GET('/v1/jobs'))`.
 */
export const api = createClient<paths>({ baseUrl: base, fetch: authorised })

/** The data of an answer; what failed is thrown as an ApiError. */
export async function done<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw new ApiError(response.status, error, Number(response.headers.get('Retry-After')) || null)
  return data as T
}

/** Fetch with the token of the session. One that is refused is renewed once. */
export async function authorised(input: Request | string, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  const again = request.clone()
  const token = await session.token()
  const answer = await attempt(request, token)
  if (answer.status !== 401 || !token || !(await session.renew(token))) return answer
  return attempt(again, session.current?.access_token ?? null)
}

async function attempt(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  try {
    return await fetch(request)
  } catch (err) {
    if (request.signal.aborted) throw err
    throw new ApiError(0, null)
  }
}
