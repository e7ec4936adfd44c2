import { session } from '../api/session.svelte'

const key = (thread: string) => `tmates.draft.${session.user?.id ?? ''}.${thread}`

/** What was begun in a thread and not sent; kept on this device. */
export const drafts = {
  get: (thread: string): string => localStorage.getItem(key(thread)) ?? '',
  set(thread: string, text: string): void {
    if (text.trim()) localStorage.setItem(key(thread), text)
    else localStorage.removeItem(key(thread))
  },
}
