import type { Schema } from '../../api/client'

/** What answers for a tmate. `providers` are those that are asked, in this order; `missing` those it names in vain. */
export type Mind = {
  kind: 'model' | 'composite' | 'rules' | 'unconnected' | 'untold'
  providers: { name: string; model: string; host: string; problem: string }[]
  missing: string[]
  /** The provider and model that the manifest names; empty when it leaves that to the server. */
  wanted: string
}

/** What answers for a tmate with a manifest. `known` are the providers of the server, null when they are not told. */
export function mindOf(manifest: unknown, known: Schema<'Providers'> | null): Mind {
  const brain = record(record(manifest).brain)
  const [kind, provider, model] = [text(brain.kind), text(brain.provider), text(brain.model)]
  const mind: Mind = { kind: 'untold', providers: [], missing: [], wanted: [provider, model].filter(Boolean).join(' · ') }
  if (kind === 'rules') return { ...mind, kind: 'rules', wanted: '' }
  if (!known) return mind
  const names = [provider || known.default, ...(Array.isArray(brain.fallbacks) ? brain.fallbacks.map(text) : [])]
  for (const name of new Set(names)) {
    const found = known.providers.find((one) => one.name === name)
    if (found) mind.providers.push({ name: found.name, model: (name === names[0] && model) || (found.model ?? ''), host: found.host ?? '', problem: found.problem ?? found.last_use?.problem ?? '' })
    else if (name) mind.missing.push(name)
  }
  mind.kind = mind.providers.length === 0 ? 'unconnected' : kind === 'composite' ? 'composite' : 'model'
  return mind
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
