import { live } from '../api/live.svelte'
import { preferences } from '../state/preferences.svelte'
import { staff } from '../state/staff.svelte'
import { plain } from './plain'
import { t } from './words.svelte'

/** Tells the person of answers that come while the page is out of sight, if they asked for it. */
export function startNotifications(): () => void {
  return live.listen((frame) => {
    if (frame.type !== 'new_message' || frame.message.role !== 'assistant') return
    if (document.visibilityState === 'visible' || !preferences.notifications || !('Notification' in window) || Notification.permission !== 'granted') return
    const agent = frame.message.payload?.agent_key
    const title = agent ? staff.face(String(agent)).name : (frame.message.author ?? t('team.chat'))
    const options = { body: plain(frame.message.content.slice(0, 400)), tag: frame.thread_id, icon: './icon-192.png', data: { hash: `#/chat/${frame.thread_id}` } }
    void show(title, options)
  })
}

async function show(title: string, options: NotificationOptions & { data: { hash: string } }): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration()
  if (worker) return worker.showNotification(title, options)
  const shown = new Notification(title, options)
  shown.onclick = () => {
    window.focus()
    location.hash = options.data.hash
  }
}
