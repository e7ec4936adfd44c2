import type { Schema } from '../../api/client'

export type Kind = 'openai' | 'anthropic' | 'ollama' | 'azure'
export const kinds: Kind[] = ['openai', 'anthropic', 'ollama', 'azure']

/** What stands in the form of a provider. */
export type Form = { name: string; type: Kind; base_url: string; api_key: string; model: string; deployment: string; api_version: string; vision: boolean }

/** An empty form: of a new provider, or of one that is there. Its key and whole address are never told. */
export function formOf(provider?: Schema<'Provider'>): Form {
  const type = kinds.find((kind) => kind === provider?.type) ?? 'openai'
  return { name: provider?.name ?? '', type, base_url: '', api_key: '', model: provider?.model ?? '', deployment: '', api_version: '', vision: provider?.vision ?? false }
}

/** What is sent: what was filled in. With the name of a saved provider its key and address need not be repeated. */
export function draftOf(form: Form, saved: boolean): Schema<'ProviderDraft'> {
  const { name, type, vision, deployment, api_version, ...texts } = form
  const said = type === 'azure' ? { ...texts, deployment, api_version } : texts
  const filled = Object.fromEntries(Object.entries(said).flatMap(([key, text]) => (text.trim() ? [[key, text.trim()]] : [])))
  return { ...(saved ? { name } : {}), type, ...filled, ...(vision || saved ? { vision } : {}) }
}

/** A name that no provider has yet, as the server allows them: letters, digits and _, and a letter first. */
export function freeName(wanted: string, taken: string[]): string {
  const plain = wanted.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^[0-9_]+|_+$/g, '').slice(0, 28)
  const name = plain || 'model'
  if (!taken.includes(name)) return name
  for (let n = 2; ; n++) if (!taken.includes(`${name}_${n}`)) return `${name}_${n}`
}
