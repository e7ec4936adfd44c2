import { api, done, type Schema } from '../api/client'
import { session } from '../api/session.svelte'
import { Resource } from './resource.svelte'

export type Me = { profile: Schema<'Profile'>; organization: Schema<'Organization'> }

/** Who is signed in, and what they are here. */
class Person extends Resource<Me> {
  constructor() {
    super(async () => {
      const [profile, organization] = await Promise.all([done(api.GET('/v1/profile')), done(api.GET('/v1/organization'))])
      return { profile, organization }
    })
  }

  get id(): string {
    return session.user?.id ?? ''
  }

  get name(): string {
    return this.data?.profile.display_name || session.user?.email?.split('@')[0] || ''
  }

  /** Whether this person may change what is everybody's. */
  get manages(): boolean {
    return this.data?.organization.role === 'owner' || this.data?.organization.role === 'admin'
  }
}

export const me = new Person()
