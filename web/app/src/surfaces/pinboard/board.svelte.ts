import { api, done, type Schema } from '../../api/client'
import { Pages } from '../../state/pages.svelte'

export type Post = Schema<'Post'>

/** The posts of the organisation, the newest first; kept up by the socket while it is followed. */
export class Board extends Pages<Post> {
  constructor() {
    super(
      25,
      (limit, before) => done(api.GET('/v1/pinboard', { params: { query: { limit, before } } })),
      ({ slug }) => slug,
    )
  }

  override follow(): () => void {
    return super.follow((frame) => {
      if (frame.type === 'pinboard_post') void this.load() // the frame does not say the author's name
      if (frame.type === 'pinboard_post_deleted') this.data = this.data?.filter((post) => post.id !== frame.id)
    })
  }
}
