import { api, done } from '../api/client'
import { Resource } from './resource.svelte'

/** What anybody may know of the server: its name, whether it has an owner, whether it is a demo. */
export const instance = new Resource(async () => done(api.GET('/v1/instance')))
void instance.load()
