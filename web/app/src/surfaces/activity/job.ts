import type { Schema } from '../../api/client'

export type Job = Schema<'Job'>
export type State = Job['status']
export type Used = { model: string | null; tokens: number; cost: number | null; currency: string | null }

/** A job that is not over yet. */
export const open = (job: Job): boolean => job.status === 'queued' || job.status === 'running' || job.status === 'cancelling'

const object = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** What was asked for. */
export function taskOf(job: Job): string {
  const payload = object(job.payload)
  const said = object(payload.cli_args)
  return text(said.message) || text(said.prompt) || text(payload.task)
}

/** The thread that a job answers in, if it is one's own conversation. */
export function threadOf(job: Job): string | null {
  return text(object(job.metadata).thread_id) || text(object(job.payload).thread_id) || null
}

/** What a model read and wrote for it; null when none was asked. */
export function usedOf(job: Job): Used | null {
  const usage = object(object(object(job.result).metadata).usage)
  const tokens = Number(usage.prompt_tokens ?? 0) + Number(usage.completion_tokens ?? 0)
  if (!(tokens > 0)) return null
  return { model: text(usage.model) || null, tokens, cost: typeof usage.cost === 'number' ? usage.cost : null, currency: text(usage.currency) || null }
}

/** Why it failed, for people, and everything that is known of it. */
export function errorOf(job: Job): { text: string; details: string } | null {
  if (!job.error) return null
  const { message, ...rest } = job.error
  return { text: text(message), details: Object.keys(rest).length ? JSON.stringify(rest, null, 2) : '' }
}

/** Seconds it took, or takes until now; null before it begins. */
export function secondsOf(job: Job, now: number): number | null {
  if (!job.started_at) return null
  const end = job.finished_at ? Date.parse(job.finished_at) : open(job) ? now : NaN
  return Number.isNaN(end) ? null : Math.max(0, (end - Date.parse(job.started_at)) / 1000)
}
