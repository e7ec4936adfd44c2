import type { Schema } from '../../api/client'
import type { IconName } from '../../lib/icons'
import { go, link } from '../../lib/route.svelte'

/** Something that can be chosen in the palette. */
export type Entry = {
  kind: Schema<'Finding'>['kind'] | 'command'
  key: string
  title: string
  run: () => void
  author?: string | null
  snippet?: Schema<'SnippetPart'>[]
  at?: string | null
  icon?: IconName
  /** The tmate whose face it has. */
  tmate?: string
  /** The keys that do the same. */
  keys?: string
}

const icons: Record<Entry['kind'], IconName> = { message: 'chat', thread: 'chat', post: 'pin', file: 'file', tmate: 'people', command: 'next' }

/** Marks of Markdown, which a cut may have left without their other half. */
const marks = /\*\*|__|~~|`+|^#{1,6}\s|\|[\s|:-]*(?=\S|$)/gm

export const iconOf = (entry: Entry): IconName => entry.icon ?? icons[entry.kind]

export function entryOf(item: Schema<'Finding'>): Entry {
  const snippet = item.snippet.some((piece) => piece.text !== item.title) ? item.snippet : []
  return {
    kind: item.kind,
    key: `${item.kind}:${item.id}`,
    title: item.title,
    author: item.author,
    snippet: snippet.map(({ text, match }) => ({ text: text.replace(marks, (mark) => (mark.startsWith('|') ? ' ' : '')), match })),
    at: item.created_at,
    tmate: item.kind === 'tmate' ? (item.key ?? undefined) : undefined,
    run: () => go(placeOf(item)),
  }
}

/** Where what was found is shown. */
export function placeOf(item: Schema<'Finding'>): string {
  switch (item.kind) {
    case 'message':
      return link('chat', item.thread_id ?? '', String(item.seq ?? ''))
    case 'thread':
      return link('chat', item.thread_id ?? item.id)
    case 'post':
      return link('pinboard', item.slug ?? item.id)
    case 'file':
      return link('files', ...(item.path ?? item.title).split('/'))
    case 'tmate':
      return link('teammates', item.key ?? item.id)
  }
}
