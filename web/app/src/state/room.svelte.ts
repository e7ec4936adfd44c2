import { api, done } from '../api/client'
import { Resource } from './resource.svelte'

/** What may be uploaded and the room the person's files take. */
export const room = new Resource(async () => done(api.GET('/v1/uploads')))
