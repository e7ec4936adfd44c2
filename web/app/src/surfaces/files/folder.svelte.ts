import { at } from '../../api/address'
import { api, authorised, done, type Schema } from '../../api/client'
import { ApiError } from '../../api/error'
import { Resource } from '../../state/resource.svelte'
import { downloadOf } from './file'

/** Files that are listed, the newest first; the server gives no more. */
const most = 500

/** The files of a person; kept up by the socket while it is followed. */
export class Folder extends Resource<Schema<'FileListing'>> {
  constructor() {
    super(async () => done(api.GET('/v1/files', { params: { query: { limit: most } } })))
  }

  override follow(): () => void {
    return super.follow((frame) => {
      if (frame.type === 'file_generated') void this.load()
    })
  }

  /** Deletes files one after the other; those that are gone already do not count as failed. */
  async remove(paths: string[]): Promise<void> {
    try {
      for (const path of paths) {
        try {
          await done(api.DELETE('/v1/files/{file_path}', { params: { path: { file_path: path } } }))
        } catch (err) {
          if (!(err instanceof ApiError) || err.status !== 404) throw err
        }
      }
    } finally {
      await this.load()
    }
  }
}

/** The bytes of a file. */
export async function bytesOf(path: string, signal?: AbortSignal): Promise<Blob> {
  const answer = await authorised(at(downloadOf(path)), { signal })
  if (!answer.ok) throw new ApiError(answer.status, await answer.json().catch(() => null))
  return answer.blob()
}

/** Lets the browser keep a file under a name. */
export async function save(path: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await bytesOf(path))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000) // it may be asked where to
}
