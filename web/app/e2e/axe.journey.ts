import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import { expect, test } from 'vitest'
import { places, close, guest } from './lib/places'
import type { Device } from './lib/device'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ args: ['--demo'] })
const source = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** What axe finds on the page that is serious or worse, in short. */
async function findings({ page }: Device): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const { violations, passes } = await page.evaluate(
    () => (window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({ resultTypes: ['violations'] }),
  )
  expect(passes.length).toBeGreaterThan(10)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary?.split('\n')[1] ?? ''}`))
}

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in the ${theme} theme`, async () => {
    const device = await on.device(guest(on.server.printed), { theme })
    const found: Record<string, string[]> = {}
    for (const place of places) {
      await place.open(device)
      const all = await findings(device)
      if (all.length) found[place.name] = all
      await close(device)
    }
    const nobody = await on.device(null, { theme })
    await nobody.page.goto('/')
    await nobody.page.getByLabel(t('welcome.email')).waitFor()
    const all = await findings(nobody)
    if (all.length) found.login = all
    expect(found).toEqual({})
  })
}

test('axe finds nothing serious on a phone', async () => {
  const device = await on.device(guest(on.server.printed), { width: 390, height: 844, touch: true })
  const found: Record<string, string[]> = {}
  for (const place of places) {
    await place.open(device)
    const all = await findings(device)
    if (all.length) found[place.name] = all
    await close(device)
  }
  expect(found).toEqual({})
})
