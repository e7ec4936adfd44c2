import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ settings: { TMATES_CHAT_MESSAGES_PER_MINUTE: '0' } })
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

test('older posts come page by page, to the first one', async () => {
  const all = 130
  const tokens = await on.server.login(ada)
  const pin = (title: string) => on.server.ask(tokens, 'post', '/v1/pinboard', { body: { title, content_md: 'Kept.' } })
  for (let n = 1; n <= all; n++) await pin(`Note ${n}`)
  const hers = await on.device(ada)
  const { page } = hers
  await hers.go('#/pinboard')
  const cards = page.getByRole('article')
  const older = page.getByRole('button', { name: t('pinboard.older') })
  await expect.poll(() => cards.count()).toBe(25)
  await older.click()
  await expect.poll(() => cards.count()).toBe(125)
  // A new one comes to the front, and those that were read stay.
  await pin('Newest')
  await expect.poll(() => cards.count()).toBe(126)
  await older.click()
  await expect.poll(() => cards.count()).toBe(all + 1)
  await cards.last().getByText('Note 1', { exact: true }).waitFor()
  await older.click()
  await older.waitFor({ state: 'detached' })
})
