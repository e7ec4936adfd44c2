import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { close, guest, places } from './lib/places'
import { stage } from './lib/stage'

const on = stage({ args: ['--demo'] })
const folder = process.env.SHOTS

// SHOTS=DIR npm run e2e -- shots
for (const [width, height] of [
  [1280, 800],
  [390, 844],
] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test.runIf(folder)(`pictures of ${width} by ${height} in the ${theme} theme`, async () => {
      mkdirSync(folder!, { recursive: true })
      const device = await on.device(guest(on.server.printed), { width, height, theme, touch: width < 720 })
      await device.go()
      await device.page.locator('main').waitFor()
      for (const { name, open } of places) {
        await open(device)
        await device.page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))))
        const taken = await device.page.screenshot({ path: join(folder!, `${name}-${width}-${theme}.png`), animations: 'disabled' })
        expect(taken.length, name).toBeGreaterThan(5000)
        await close(device)
      }
    })
  }
}
