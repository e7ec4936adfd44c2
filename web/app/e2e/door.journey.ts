import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

test('somebody is invited with a link, and removed again', async () => {
  const hers = await on.device(ada)
  const { page } = hers
  await hers.go('#/settings/members')
  await page.getByRole('button', { name: t('settings.members.invite') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(t('settings.members.email')).fill('eve@example.com')
  await dialog.getByRole('button', { name: t('settings.members.make') }).click()
  const field = dialog.getByLabel(t('settings.members.link.label'))
  await field.waitFor()
  const link = await field.inputValue()
  expect(link).toContain(`${on.server.url}/#/claim/`)

  const his = await on.device(null)
  await his.page.goto(link)
  await his.page.getByText(t('welcome.invited')).waitFor()
  await his.page.getByLabel(t('welcome.name')).fill('Eve')
  await his.page.getByRole('button', { name: t('welcome.enter') }).click()
  await his.composer.waitFor()
  // A member does not manage.
  await his.go('#/settings/members')
  await his.page.getByText(t('settings.members.readonly')).waitFor()
  expect(await his.page.getByRole('button', { name: t('settings.members.invite') }).count()).toBe(0)

  const late = await on.device(null)
  await late.page.goto(link)
  await late.page.getByRole('button', { name: t('welcome.enter') }).click()
  await late.page.getByText(t('welcome.used')).waitFor()

  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: t('settings.members.remove', { name: 'Eve' }) }).click()
  await dialog.getByRole('button', { name: t('settings.members.remove.do'), exact: true }).click()
  await page.getByText(t('settings.members.removed', { name: 'Eve' })).waitFor()
  await his.page.getByLabel(t('welcome.email')).waitFor() // out at once
})

test('a lost device is signed out from another one', async () => {
  const here = await on.device(ada)
  const lost = await on.device(ada)
  await lost.go('#/chat')
  await lost.composer.waitFor()
  await lost.composer.fill('half a thought')
  await here.go('#/settings/sessions')
  await here.page.getByRole('button', { name: t('settings.sessions.others') }).click()
  await here.page.getByRole('dialog').getByRole('button', { name: t('settings.sessions.end'), exact: true }).click()
  await lost.page.getByText(t('welcome.ended')).waitFor()
  expect(await lost.page.getByRole('navigation', { name: t('nav'), exact: true }).count()).toBe(0)
  await expect.poll(() => here.page.getByText(t('settings.sessions.current')).count()).toBe(1)
  expect(await here.page.getByRole('button', { name: t('settings.sessions.others') }).count()).toBe(0)
  // What was begun is there after signing in again.
  await lost.page.getByLabel(t('welcome.email')).fill(ada.email)
  await lost.page.getByLabel(t('welcome.password'), { exact: true }).fill(ada.password)
  await lost.page.getByRole('button', { name: t('welcome.enter') }).click()
  await expect.poll(() => lost.composer.inputValue()).toBe('half a thought')
})
