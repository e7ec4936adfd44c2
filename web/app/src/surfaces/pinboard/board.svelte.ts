import { api, done, type Schema } from '../../api/client'
import { Resource } from '../../state/resource.svelte'

export type Post = Schema<'Post'>

/** Posts that are read at first, and the most the server gives. */
const first = 25
const most = 100

/** The posts of the organisation, the newest first; kept up by the socket while it is followed. */
export class Board extends Resource<Post[]> {
  #limit = first

  constructor() {
    super(async () => done(api.GET('/v1/pinboard', { params: { query: { limit: this.#limit } } })))
  }

  /** There may be older posts than those that were read. */
  get more(): boolean {
    return (this.data?.length ?? 0) >= this.#limit && this.#limit < most
  }

  /** As many as the server gives were read, and there may be older ones. */
  get cut(): boolean {
    return (this.data?.length ?? 0) >= most
  }

  async older(): Promise<void> {
    this.#limit = most
    await this.load()
  }

  override follow(): () => void {
    return super.follow((frame) => {
      if (frame.type === 'pinboard_post') void this.load() // the frame does not say the author's name
      if (frame.type === 'pinboard_post_deleted') this.data = this.data?.filter((post) => post.id !== frame.id)
    })
  }
}
