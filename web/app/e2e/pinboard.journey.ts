import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person
let ben: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
  ben = await on.server.add('Ben')
})

test('a post is written, seen by others at once, and taken down', async () => {
  const [hers, his] = [await on.device(ada), await on.device(ben)]
  await his.go('#/pinboard')
  await his.page.getByText(t('pinboard.empty')).waitFor()

  const { page } = hers
  await hers.go('#/pinboard')
  await page.getByRole('link', { name: t('pinboard.new') }).click()
  await page.getByRole('button', { name: t('pinboard.post') }).click()
  await page.getByText(t('pinboard.title.needed')).waitFor()
  await page.getByLabel(t('pinboard.title')).fill('Slipway closed')
  await page.getByLabel(t('pinboard.priority')).selectOption('urgent')
  await page.getByRole('textbox', { name: t('pinboard.content') }).fill('From **Monday** on.')
  await page.getByRole('region', { name: t('pinboard.preview') }).locator('strong', { hasText: 'Monday' }).waitFor()
  // What was begun outlives a reload.
  await page.reload()
  await expect.poll(() => page.getByLabel(t('pinboard.title')).inputValue()).toBe('Slipway closed')
  await page.getByRole('button', { name: t('pinboard.post') }).click()
  await page.getByRole('heading', { name: 'Slipway closed', level: 1 }).waitFor()

  const card = his.page.getByRole('article').filter({ hasText: 'Slipway closed' })
  await card.getByText(t('pinboard.priority.urgent')).waitFor()
  await card.getByRole('link').click()
  await his.page.locator('strong', { hasText: 'Monday' }).waitFor()

  await page.getByRole('button', { name: t('delete') }).click()
  await page.getByRole('dialog').getByRole('button', { name: t('delete'), exact: true }).click()
  await his.page.getByText(t('pinboard.missing')).waitFor()
  await page.getByText(t('pinboard.empty')).waitFor()
})
