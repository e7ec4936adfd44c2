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

test('Ctrl-K finds what was said and posted, and goes there', async () => {
  const { device, id } = await on.thread(ada)
  const { page } = device
  await device.say('remember that the barometer hangs in the pantry')
  await expect.poll(() => device.messages.count()).toBeGreaterThan(1)
  const tokens = await on.server.login(ada)
  await on.server.ask(tokens, 'post', '/v1/pinboard', { body: { title: 'New barometer', content_md: 'It came on Friday.' } })
  for (let n = 0; n < 60; n++) await on.server.ask(tokens, 'post', '/v1/chats/{thread_id}/messages', { at: `/v1/chats/${id}/messages`, body: { content: `hello, line ${n}` } })

  await device.go('#/files')
  await page.getByRole('heading', { name: t('nav.files'), level: 1 }).waitFor()
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: t('search.what') })
  await field.fill('barometer pan')
  const results = page.getByRole('listbox', { name: t('search.results') })
  const hit = results.getByRole('option').filter({ has: page.locator('mark', { hasText: /^barom/i }) })
  await hit.first().waitFor()
  expect(await results.getByText('New barometer').count()).toBe(0) // all words have to be there
  await field.fill('barometer')
  await results.getByText('New barometer').waitFor()
  await field.fill('barometer hangs')
  await expect.poll(() => results.getByText('New barometer').count()).toBe(0)
  await hit.first().waitFor()
  await page.keyboard.press('Enter')
  const found = device.messages.filter({ hasText: 'the barometer hangs in the pantry' }).first()
  await found.waitFor()
  await expect.poll(() => found.evaluate((one) => {
    const box = one.getBoundingClientRect()
    return box.top > 0 && box.bottom < innerHeight
  })).toBe(true)

  // What a person types is never an error, and others find nothing of it.
  const his = await on.device(ben)
  await his.go('#/chat')
  await his.composer.waitFor()
  await his.page.keyboard.press('Control+k')
  const typed = his.page.getByRole('combobox', { name: t('search.what') })
  for (const query of ['"pantry', 'pantry AND (', '* NEAR/2 "pantry', 'pantry OR --']) {
    await typed.fill(query)
    await his.page.getByRole('dialog').getByText(t('search.none', { query })).waitFor()
  }
  await typed.fill('barometer')
  await his.page.getByRole('listbox', { name: t('search.results') }).getByText('New barometer').waitFor()
  expect(await his.page.getByRole('listbox', { name: t('search.results') }).getByText('pantry').count()).toBe(0)
})
