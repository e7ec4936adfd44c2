import { api, done } from '../../api/client'
import type { Frame } from '../../api/frames'
import { live } from '../../api/live.svelte'
import { Pages } from '../../state/pages.svelte'
import { type Job, open } from './job'
import { paced } from './paced'

/** What is known of a job that runs, from the socket. */
type Doing = { text: string; attempt: number }

/** The person's jobs, the newest first; read anew while things happen, and left alone while nothing does. */
export class Jobs extends Pages<Job> {
  doing: Record<string, Doing> = $state({})

  constructor() {
    super(
      20,
      (limit, before) => done(api.GET('/v1/jobs', { params: { query: { limit, before } } })),
      ({ id }) => id,
    )
  }

  get working(): boolean {
    return this.data?.some(open) ?? false
  }

  /** Keeps the list up to date until the returned function is called. */
  override follow(): () => void {
    const { run, stop } = paced(() => void this.load(), 1000)
    const ends = [live.onOpen(run), live.listen((frame) => this.#hear(frame, run)), stop]
    if (live.state !== 'open') run()
    return () => ends.forEach((end) => end())
  }

  #hear(frame: Frame, run: () => void): void {
    if (frame.type !== 'chat_status') return
    const { job_id, status_message, attempt } = frame as typeof frame & { attempt?: number }
    if (job_id && (status_message || attempt)) this.doing[job_id] = { text: status_message ?? '', attempt: attempt ?? this.doing[job_id]?.attempt ?? 1 }
    run()
  }

  async cancel(job: Job): Promise<void> {
    this.#put(await done(api.POST('/v1/jobs/{job_id}/cancel', { params: { path: { job_id: job.id } } })))
  }

  async retry(job: Job): Promise<void> {
    this.#put(await done(api.POST('/v1/jobs/{job_id}/retry', { params: { path: { job_id: job.id } } })))
  }

  #put(job: Job): void {
    const known = this.data?.some((one) => one.id === job.id)
    this.data = known ? this.data?.map((one) => (one.id === job.id ? job : one)) : [job, ...(this.data ?? [])]
  }
}
