import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

for (const [width, height] of [
  [390, 844],
  [360, 740],
] as const) {
  test(`the app fits on ${width} by ${height}, and fingers reach everything`, async () => {
    const device = await on.device(ada, { width, height, touch: true })
    const { page } = device
    await device.go('#/chat')
    const places = page.getByRole('navigation', { name: t('nav'), exact: true })
    const adam = page.getByRole('navigation', { name: t('messages.threads') }).getByText('Adam').first()
    await adam.tap()
    await device.composer.waitFor()
    // An open thread has the screen for itself, and the way back stands in it.
    expect(await places.isVisible()).toBe(false)
    // A keyboard does not jump up uncalled.
    expect(await device.composer.evaluate((field) => field === document.activeElement)).toBe(false)
    await device.composer.tap()
    await device.composer.fill('hello')
    await page.getByRole('button', { name: t('messages.send') }).tap()
    await device.messages.getByText('hello', { exact: true }).waitFor()
    await expect.poll(() => device.messages.count()).toBeGreaterThan(1)
    await page.getByRole('link', { name: t('back') }).tap()
    await places.waitFor()
    for (const name of ['chat', 'teammates', 'pinboard', 'files', 'activity', 'settings']) {
      await places.getByRole('link', { name: t(name === 'teammates' || name === 'settings' ? `nav.${name}.short` : `nav.${name}`) }).tap()
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide, `${name} is too wide`).toBeLessThanOrEqual(0)
      const small = await page.evaluate(() => {
        const all = [...document.querySelectorAll<HTMLElement>('button, a.button, a.place, nav a, input:not([hidden]), select, textarea')]
        return all
          .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
          .map((one) => ({ one, box: one.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 2 && (box.width < 24 || box.height < 24))
          .filter(({ one }) => !one.closest('label'))
          .map(({ one, box }) => `${one.outerHTML.slice(0, 80)} ${Math.round(box.width)}x${Math.round(box.height)}`)
      })
      expect(small, name).toEqual([])
    }
  })
}
