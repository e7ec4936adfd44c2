import { priorities, type Priority } from './post.ts'

/** A post that is being written. */
export type Draft = { title: string; content: string; priority: Priority }

export const blank: Draft = { title: '', content: '', priority: 'normal' }

/** A draft as it was kept; what is not one is a blank. */
export function parsed(kept: string | null): Draft {
  try {
    const { title, content, priority } = JSON.parse(kept ?? '') as Record<string, unknown>
    if (typeof title !== 'string' || typeof content !== 'string') return { ...blank }
    return { title, content, priority: priorities.find((known) => known === priority) ?? 'normal' }
  } catch {
    return { ...blank }
  }
}
