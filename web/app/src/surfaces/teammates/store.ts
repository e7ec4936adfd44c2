import type { Schema } from '../../api/client'
import type { Tmate } from '../../state/staff.svelte'

/** Somebody to hire: of the store, with what its manifest says. */
export type Offer = { key: string; name: string; description: string; role: string; category: string; source: 'filesystem' | 'catalog'; hired: boolean; tools: Tool[]; abilities: string[] }
export type Tool = { name: string; title: string; text: string }

export function offerOf(entry: Schema<'StoreAgent'>, tmate: Tmate | undefined): Offer {
  const manifest = record(tmate?.manifest ?? entry.metadata?.manifest)
  return {
    key: entry.key,
    name: entry.name,
    description: entry.description,
    role: tmate?.role ?? text(manifest.role),
    category: tmate?.category ?? entry.category ?? text(manifest.category),
    source: entry.source,
    hired: entry.hired,
    tools: toolsOf(manifest),
    abilities: tmate?.capabilities ?? [],
  }
}

/** The tools a manifest asks for: those it may use at most, else those it describes. */
export function toolsOf(of: unknown): Tool[] {
  const manifest = record(of)
  const described = list(manifest.tools).map((one) => (typeof one === 'string' ? { name: one, title: one, text: '' } : describe(record(one)))).filter((tool) => tool.name)
  const allow = record(manifest.permissions).allow
  if (!Array.isArray(allow)) return described
  return allow.filter((name) => typeof name === 'string').map((name: string) => described.find((tool) => tool.name === name) ?? { name, title: spoken(name), text: '' })
}

/** Offers of a category that have all words of a search. */
export function found(offers: Offer[], search: string, category: string): Offer[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return offers.filter((one) => {
    const all = [one.name, one.key, one.description, one.role, one.category, ...one.abilities].join(' ').toLocaleLowerCase()
    return (!category || one.category === category) && words.every((word) => all.includes(word))
  })
}

/** A tool's name for people. */
export const spoken = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

function describe(tool: Record<string, unknown>): Tool {
  const name = text(tool.name)
  return { name, title: text(tool.display_name) || spoken(name), text: text(tool.description) }
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
