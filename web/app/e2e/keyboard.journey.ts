import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ model: true })
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

test('a whole visit without a mouse', async () => {
  const device = await on.device(null)
  const { page } = device
  const { keyboard } = page
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '')
  /** Goes on with Tab until what is wanted has the focus; it has to show that it has. */
  const tabTo = async (wanted: string) => {
    for (let n = 0; n < 60; n++) {
      await keyboard.press('Tab')
      if ((await focused()) === wanted) {
        const shown = await page.evaluate(() => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement!)
          return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
        })
        expect(shown, `${wanted} shows no focus`).toBe(true)
        return
      }
    }
    throw new Error(`Tab does not reach ${wanted}`)
  }

  await page.goto('/')
  await page.getByLabel(t('welcome.email')).waitFor()
  await keyboard.press('Tab')
  await keyboard.type(ada.email)
  await keyboard.press('Tab')
  await keyboard.type(ada.password)
  await keyboard.press('Enter')
  await device.composer.waitFor()

  // The first stop of Tab is the way past everything.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.reload()
  await device.composer.waitFor()
  await expect.poll(() => device.composer.evaluate((field) => field === document.activeElement)).toBe(true)
  await keyboard.type('Good evening, how high is the tide tonight?')
  await keyboard.press('Shift+Enter')
  await keyboard.type('In feet.')
  await keyboard.press('Enter')
  const turn = await on.model.next()
  expect(turn.question).toContain('In feet.')
  turn.say('Nine feet, ')
  await device.messages.getByText('Nine feet,').waitFor()
  await keyboard.press('Shift+Tab') // away from the field, in which letters are text
  await keyboard.press('Shift+Tab')
  await keyboard.press('Escape')
  await expect.poll(() => device.composer.evaluate((field) => field === document.activeElement)).toBe(true)
  turn.say('more or less.').end()
  await device.messages.getByText('Nine feet, more or less.').waitFor()

  // Search, choose, and be back where one was.
  await keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: t('search.what') })
  await field.waitFor()
  await keyboard.type('go to files')
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: t('nav.files'), level: 1 }).waitFor()
  await keyboard.press('Control+k')
  await field.waitFor()
  await keyboard.press('Escape')
  await expect.poll(() => field.count()).toBe(0)

  // g and a letter go to a surface, ? says so.
  await keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: t('shortcuts') })
  await sheet.waitFor()
  await keyboard.press('Escape')
  await expect.poll(() => sheet.count()).toBe(0)
  await keyboard.press('g')
  await keyboard.press('p')
  await page.getByRole('heading', { name: t('nav.pinboard'), level: 1 }).waitFor()

  await tabTo(t('pinboard.new'))
  await keyboard.press('Enter')
  await page.getByLabel(t('pinboard.title')).waitFor()
  await expect.poll(() => page.getByLabel(t('pinboard.title')).evaluate((one) => one === document.activeElement)).toBe(true)
  await keyboard.type('Tide table')
  await keyboard.press('Tab')
  await keyboard.press('Tab')
  await keyboard.type('Nine feet at ten.')
  await keyboard.press('Enter')
  for (let n = 0; n < 12 && (await focused()) !== t('pinboard.post'); n++) await keyboard.press('Shift+Tab')
  expect(await focused()).toBe(t('pinboard.post'))
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Tide table', level: 1 }).waitFor()

  // A menu opens, is walked with the arrows, and asks before it deletes.
  await keyboard.press('g')
  await keyboard.press('m')
  await device.composer.waitFor()
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await tabTo(t('more'))
  await keyboard.press('Enter')
  await expect.poll(() => page.getByRole('menu', { name: t('more') }).evaluate((menu) => menu.contains(document.activeElement))).toBe(true)
  await keyboard.press('ArrowUp')
  expect(await focused()).toContain(t('messages.menu.empty'))
  await keyboard.press('Enter')
  const asked = page.getByRole('dialog', { name: t('messages.empty.title') })
  await asked.waitFor()
  await tabTo(t('messages.menu.empty'))
  await keyboard.press('Enter')
  await expect.poll(() => device.messages.count()).toBe(0)
})
