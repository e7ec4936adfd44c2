import type { Schema } from '../../api/client'

type Post = Schema<'Post'>
type Author = Pick<Post, 'author_agent_key' | 'author_display'>

/** The priorities, the highest first. */
export const priorities = ['urgent', 'high', 'normal', 'low'] as const
export type Priority = (typeof priorities)[number]

/** An author as one word: tmates by their key, people by their name. */
export function authorOf(post: Author): string {
  return post.author_agent_key ? `tmate:${post.author_agent_key}` : `person:${post.author_display ?? ''}`
}

/** Who wrote the posts, each once, in the order of their newest post. */
export function authors<T extends Author>(posts: T[]): T[] {
  const seen = new Map<string, T>()
  for (const post of posts) if (!seen.has(authorOf(post))) seen.set(authorOf(post), post)
  return [...seen.values()]
}

/** The posts of an author and a priority; empty words take all. */
export function chosen<T extends Author & Pick<Post, 'priority'>>(posts: T[], author: string, priority: string): T[] {
  return posts.filter((post) => (!author || authorOf(post) === author) && (!priority || post.priority === priority))
}

/** A text of Markdown as one line without its marks, for cards. */
export function gist(markdown: string): string {
  return markdown
    .replace(/^(```|~~~).*$/gm, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(#{1,6}|>|[-*+]( \[[ x]\])?|\d+[.)])\s+/gm, '')
    .replace(/[*_`~|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400)
}
