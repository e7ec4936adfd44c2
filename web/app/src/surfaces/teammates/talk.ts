import { go, link } from '../../lib/route.svelte'
import { toasts } from '../../lib/toasts.svelte'
import { threads } from '../../state/threads.svelte'

/** Goes to the direct thread with a tmate. */
export async function talk(key: string): Promise<void> {
  try {
    go(link('chat', (await threads.open(key)).id))
  } catch (err) {
    toasts.fail(err)
  }
}
