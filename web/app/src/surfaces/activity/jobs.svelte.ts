import { api, done } from '../../api/client'
import type { Frame } from '../../api/frames'
import { live } from '../../api/live.svelte'
import { Resource } from '../../state/resource.svelte'
import { type Job, open } from './job'
import { paced } from './paced'

/** What is known of a job that runs, from the socket. */
type Doing = { text: string; attempt: number }

/** As many as the server tells at most. */
const most = 100
const first = 20

/** The person's jobs, the newest first; read anew while things happen, and left alone while nothing does. */
export class Jobs extends Resource<Job[]> {
  doing: Record<string, Doing> = $state({})
  #limit = $state(first)

  constructor() {
    super(async () => done(api.GET('/v1/jobs', { params: { query: { limit: this.#limit } } })))
  }

  /** There may be older ones than those that are shown. */
  get more(): boolean {
    return this.#limit < most && (this.data?.length ?? 0) >= this.#limit
  }

  /** The list ends before the oldest job does. */
  get cut(): boolean {
    return this.#limit === most && (this.data?.length ?? 0) >= most
  }

  get working(): boolean {
    return this.data?.some(open) ?? false
  }

  older(): Promise<void> {
    this.#limit = most
    return this.load()
  }

  /** Keeps the list up to date until the returned function is called. */
  follow(): () => void {
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
