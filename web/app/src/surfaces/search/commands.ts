import { session } from '../../api/session.svelte'
import { go } from '../../lib/route.svelte'
import { t } from '../../lib/words.svelte'
import { me } from '../../state/me.svelte'
import { preferences } from '../../state/preferences.svelte'
import type { Entry } from './entry'

/** What can be done from anywhere. */
export function commands(shortcuts: () => void): Entry[] {
  const command = (key: string, run: () => void, part: Partial<Entry> = {}): Entry => ({
    kind: 'command',
    key: `command:${key}`,
    title: t(`search.command.${key}`),
    run,
    ...part,
  })
  const all = [
    command('chat', () => go('#/chat'), { icon: 'chat', keys: 'G M' }),
    command('teammates', () => go('#/teammates'), { icon: 'people', keys: 'G T' }),
    command('pinboard', () => go('#/pinboard'), { icon: 'pin', keys: 'G P' }),
    command('files', () => go('#/files'), { icon: 'folder', keys: 'G F' }),
    command('activity', () => go('#/activity'), { icon: 'pulse', keys: 'G A' }),
    command('settings', () => go('#/settings'), { icon: 'gear', keys: 'G S' }),
    command('brain', () => go('#/settings/brain'), { icon: 'spark' }),
    command('light', () => void preferences.change({ theme: 'light' }), { icon: 'sun' }),
    command('dark', () => void preferences.change({ theme: 'dark' }), { icon: 'sun' }),
    command('shortcuts', shortcuts, { icon: 'key', keys: '?' }),
    command('leave', () => void session.end(), { icon: 'leave' }),
  ]
  return me.manages ? [...all.slice(0, 7), command('create', () => go('#/teammates/new'), { icon: 'plus' }), ...all.slice(7)] : all
}
