import { ApiError } from '../api/error'
import { t } from './words.svelte'

/** Something that is said in passing at the edge of the page. */
export type Toast = { id: number; text: string; kind: 'info' | 'error'; action?: { label: string; run: () => void } }

class Toasts {
  all: Toast[] = $state([])
  #last = 0

  say(text: string, options: Partial<Pick<Toast, 'kind' | 'action'>> = {}): void {
    const toast: Toast = { id: ++this.#last, text, kind: options.kind ?? 'info', action: options.action }
    this.all = [...this.all.slice(-2), toast]
    setTimeout(() => this.close(toast.id), toast.action || toast.kind === 'error' ? 10_000 : 4_000)
  }

  /** Says what went wrong. */
  fail(err: unknown): void {
    this.say(messageOf(err), { kind: 'error' })
  }

  close(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id)
  }
}

export const toasts = new Toasts()

/** An error as a sentence for people. */
export function messageOf(err: unknown): string {
  if (err instanceof ApiError && err.status === 0) return t('error.unreachable')
  return err instanceof Error ? err.message : String(err)
}
