import type { Component } from 'svelte'
import type { IconName } from '../../lib/icons'
import About from './About.svelte'
import Backups from './Backups.svelte'
import Brain from './Brain.svelte'
import Look from './Look.svelte'
import Members from './Members.svelte'
import Notifications from './Notifications.svelte'
import Organization from './Organization.svelte'
import Password from './Password.svelte'
import Profile from './Profile.svelte'
import Sessions from './Sessions.svelte'
import Usage from './Usage.svelte'

export type Section = { name: string; icon: IconName; body: Component; manages?: boolean }

/** The sections by their groups. Those that need it are shown to owners and admins only. */
export const groups: { name: string; sections: Section[] }[] = [
  {
    name: 'you',
    sections: [
      { name: 'profile', icon: 'person', body: Profile },
      { name: 'password', icon: 'key', body: Password },
      { name: 'sessions', icon: 'device', body: Sessions },
      { name: 'notifications', icon: 'bell', body: Notifications },
      { name: 'look', icon: 'sun', body: Look },
    ],
  },
  {
    name: 'team',
    sections: [
      { name: 'brain', icon: 'spark', body: Brain as Component, manages: true },
      { name: 'members', icon: 'people', body: Members },
      { name: 'usage', icon: 'chart', body: Usage },
      { name: 'organization', icon: 'house', body: Organization },
    ],
  },
  {
    name: 'server',
    sections: [
      { name: 'backups', icon: 'box', body: Backups },
      { name: 'about', icon: 'info', body: About },
    ],
  },
]
