import { api, done, type Schema } from '../api/client'
import { Resource } from './resource.svelte'

export type Tmate = Schema<'AgentMetadataWithAccess'>
export type Face = { name: string; emoji: string; color: string | null }

/** The tmates that are installed, and which of them are hired. */
class Staff extends Resource<Record<string, Tmate>> {
  constructor() {
    super(async () => (await done(api.GET('/v1/agents/metadata'))).agents_metadata)
  }

  get hired(): Tmate[] {
    return Object.values(this.data ?? {})
      .filter((tmate) => tmate.hired)
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  /** How a tmate looks; one that is not installed any more has a plain face. */
  face(key: string): Face {
    const tmate = this.data?.[key]
    return {
      name: tmate?.name ?? key.charAt(0).toUpperCase() + key.slice(1),
      emoji: tmate?.branding?.emoji || tmate?.icon || '🤖',
      color: tmate?.color ?? tmate?.branding?.color ?? null,
    }
  }

  async hire(key: string): Promise<void> {
    await done(api.POST('/v1/agents/hire', { body: { agent_key: key } }))
    await this.load()
  }

  async dismiss(key: string): Promise<void> {
    await done(api.POST('/v1/agents/dismiss', { body: { agent_key: key } }))
    await this.load()
  }
}

export const staff = new Staff()
