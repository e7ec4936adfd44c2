import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

/** How bright the page is, from 0 to 255. */
const paper = (device: Awaited<ReturnType<typeof on.device>>) =>
  device.page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d')!
    canvas.fillStyle = getComputedStyle(document.body).backgroundColor
    canvas.fillRect(0, 0, 1, 1)
    return canvas.getImageData(0, 0, 1, 1).data[1]!
  })

test('the theme is that of the system until one is chosen, on all devices', async () => {
  const device = await on.device(ada, { theme: 'dark' })
  await device.go('#/chat')
  await device.composer.waitFor()
  expect(await paper(device)).toBeLessThan(60)
  await device.page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(() => paper(device)).toBeGreaterThan(200)

  await device.page.keyboard.press('Control+k')
  await device.page.getByRole('combobox', { name: t('search.what') }).fill('dark theme')
  await device.page.keyboard.press('Enter')
  await expect.poll(() => paper(device)).toBeLessThan(60)
  await device.page.reload()
  await device.composer.waitFor()
  expect(await paper(device)).toBeLessThan(60)

  const other = await on.device(ada, { theme: 'light' })
  await other.go('#/chat')
  await other.composer.waitFor()
  await expect.poll(() => paper(other)).toBeLessThan(60)
})

test('a German browser is spoken to in German, unless somebody chose otherwise', async () => {
  const device = await on.device(ada, { locale: 'de-DE' })
  await device.go('#/files')
  await device.page.getByRole('heading', { name: t('nav.files', {}, 'de'), level: 1 }).waitFor()
  expect(await device.page.evaluate(() => document.documentElement.lang)).toBe('de')
  await on.server.ask(await on.server.login(ada), 'patch', '/v1/settings/web', { body: { language: 'en' } })
  await device.page.reload()
  await device.page.getByRole('heading', { name: t('nav.files'), level: 1 }).waitFor()
  await expect.poll(() => device.page.evaluate(() => document.documentElement.lang)).toBe('en')

  // It is chosen in the settings, and all that is there changes at once.
  const { page } = device
  await device.go('#/settings/look')
  await page.getByLabel(t('settings.look.language')).selectOption('de')
  await page.getByRole('heading', { name: t('settings.look', {}, 'de') }).first().waitFor()
  await page.getByRole('navigation', { name: t('nav', {}, 'de'), exact: true }).getByText(t('nav.files', {}, 'de')).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: t('settings.look', {}, 'de') }).first().waitFor()
})
