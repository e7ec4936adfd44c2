import { toasts } from '../../lib/toasts.svelte'
import { t } from '../../lib/words.svelte'
import { staff } from '../../state/staff.svelte'

/** Dismisses a tmate, and offers to hire it again. */
export async function dismiss(key: string): Promise<void> {
  const { name } = staff.face(key)
  await staff.dismiss(key)
  toasts.say(t('teammates.dismissed', { name }), { action: { label: t('teammates.undo'), run: () => void staff.hire(key).catch((err) => toasts.fail(err)) } })
}
