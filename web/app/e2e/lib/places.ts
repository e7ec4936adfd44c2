import { expect } from 'vitest'
import type { Device } from './device'
import { t } from './words'

/** A place of the app with the demo's data in it. */
export type Place = { name: string; open: (device: Device) => Promise<unknown> }

const heading = (device: Device, level = 1) => device.page.getByRole('heading', { level }).first().waitFor()

/** Goes to a surface and waits for something that only its data brings. */
const surface = (name: string, hash: string, ready: (device: Device) => Promise<unknown> = heading): Place => ({
  name,
  open: async (device) => {
    await device.go(hash)
    await ready(device)
  },
})

const dialogOf = (device: Device, name: string) => device.page.getByRole('dialog', { name }).waitFor()
const card = (device: Device) => device.page.getByRole('article').first().waitFor()

async function thread(device: Device, name: string): Promise<void> {
  await device.go('#/chat')
  await device.row(name).click()
  await device.messages.first().waitFor()
}

async function first(device: Device, hash: string, prefix: string): Promise<void> {
  await device.go(hash)
  await device.page.locator(`main a[href^="${prefix}"]`).first().waitFor()
  await device.page.locator(`main a[href^="${prefix}"]:not([href*="~"])`).first().click()
}

/** Every surface, with what opens above it. */
export const places: Place[] = [
  { name: 'team-chat', open: (device) => thread(device, t('team.chat')) },
  { name: 'thread', open: (device) => thread(device, 'Nora') },
  surface('threads', '#/chat'),
  surface('teammates', '#/teammates', card),
  surface('tmate', '#/teammates/nora', (device) => device.page.getByRole('heading', { name: t('teammates.rights') }).waitFor()),
  surface('new-tmate', '#/teammates/new', (device) => device.page.getByLabel(t('teammates.field.name')).waitFor()),
  surface('pinboard', '#/pinboard', card),
  {
    name: 'post',
    open: async (device) => {
      await first(device, '#/pinboard', '#/pinboard/')
      await device.page.locator('article .md').waitFor()
    },
  },
  surface('new-post', '#/pinboard/~new'),
  surface('files', '#/files', (device) => device.page.locator('main a[href^="#/files/"]').first().waitFor()),
  {
    name: 'file',
    open: async (device) => {
      await first(device, '#/files', '#/files/')
      await device.page.getByRole('dialog').waitFor()
    },
  },
  surface('activity', '#/activity', (device) => device.page.getByText(t('activity.state.succeeded')).first().waitFor()),
  surface('settings', '#/settings'),
  ...['profile', 'password', 'sessions', 'notifications', 'look', 'brain', 'members', 'usage', 'organization', 'backups', 'about'].map((section) =>
    surface(`settings-${section}`, `#/settings/${section}`, async (device) => {
      await device.page.getByRole('heading', { name: t(`settings.${section}`) }).first().waitFor()
      await expect.poll(() => device.page.locator('main .skeleton').count()).toBe(0)
    }),
  ),
  {
    name: 'search',
    open: async (device) => {
      await device.go('#/chat')
      await device.page.keyboard.press('Control+k')
      await device.page.getByRole('combobox', { name: t('search.what') }).fill('flour')
      await device.page.getByRole('listbox', { name: t('search.results') }).locator('mark').first().waitFor()
    },
  },
  {
    name: 'shortcuts',
    open: async (device) => {
      await device.go('#/pinboard')
      await card(device)
      await device.page.keyboard.press('?')
      await dialogOf(device, t('shortcuts'))
    },
  },
  surface('missing-thread', '#/chat/00000000-0000-4000-8000-000000000000', (device) => device.page.getByText(t('messages.missing')).waitFor()),
]

/** Closes what is open above a surface. */
export async function close(device: Device): Promise<void> {
  const dialog = device.page.getByRole('dialog')
  for (let n = await dialog.count(); n > 0; n = await dialog.count()) {
    await device.page.keyboard.press('Escape')
    await dialog.nth(n - 1).waitFor({ state: 'detached' })
  }
}

/** The account of the demo's person, from what the program printed. */
export function guest(printed: string): { email: string; password: string } {
  const [, email, password] = /sign in as: +(\S+), password (\S+)/.exec(printed)!
  return { email: email!, password: password! }
}
