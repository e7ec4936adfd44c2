import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

test('somebody is hired from the store, talked to, and dismissed', async () => {
  const device = await on.device(ada)
  const { page } = device
  await device.go('#/teammates')
  await page.getByRole('searchbox', { name: t('teammates.search') }).fill('organi')
  const hire = page.getByRole('button', { name: t('teammates.hire', { name: 'Nora' }) })
  await hire.waitFor()
  expect(await page.getByRole('button', { name: t('teammates.hire', { name: 'Milo' }) }).count()).toBe(0)
  await hire.click()
  await page.getByText(t('teammates.hired', { name: 'Nora' })).waitFor()
  const team = page.locator('article', { has: page.getByRole('button', { name: t('teammates.talk', { name: 'Nora' }) }) })
  await team.getByRole('button', { name: t('teammates.talk', { name: 'Nora' }) }).click()
  await page.getByRole('heading', { name: 'Nora', level: 1 }).waitFor()
  await device.say('todo: oil the hinges')
  await expect.poll(() => device.messages.count()).toBeGreaterThan(1)
  await device.messages.last().getByText('Nora', { exact: true }).waitFor()
  const hired = await on.server.ask(await on.server.login(ada), 'get', '/v1/agents/metadata')
  expect(hired.agents_metadata.nora?.hired).toBe(true)

  await device.go('#/teammates')
  await team.getByRole('button', { name: t('teammates.more', { name: 'Nora' }) }).click()
  await page.getByRole('menuitem', { name: t('teammates.dismiss') }).click()
  await hire.waitFor()
  expect(await team.count()).toBe(0)
  await page.getByRole('button', { name: t('teammates.undo') }).click()
  await team.waitFor()
  await team.getByRole('button', { name: t('teammates.more', { name: 'Nora' }) }).click()
  await page.getByRole('menuitem', { name: t('teammates.dismiss') }).click()
  await hire.waitFor()
  // What was said stays.
  await device.go('#/chat')
  await device.row('Nora').click()
  await device.messages.getByText('todo: oil the hinges').first().waitFor()
})
