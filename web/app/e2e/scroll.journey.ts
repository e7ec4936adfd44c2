import { expect, test } from 'vitest'
import { guest } from './lib/places'
import type { Device } from './lib/device'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ args: ['--demo'] })

/** Pixels below what is in view. */
const below = ({ page }: Device) => page.getByRole('log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight)

test('a thread shows its end each time it is opened, and stays where somebody scrolled', async () => {
  const device = await on.device(guest(on.server.printed))
  const { page } = device
  await device.go('#/chat')
  for (const name of [t('team.chat'), 'Nora', t('team.chat'), 'Nora', 'Milo', t('team.chat')]) {
    await device.row(name).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await device.messages.first().waitFor()
    await expect.poll(() => below(device), { message: name }).toBeLessThan(3)
  }
  await page.getByRole('log').hover()
  await page.mouse.wheel(0, -500)
  await page.getByRole('button', { name: t('messages.latest') }).waitFor()
  const away = await below(device)
  expect(away).toBeGreaterThan(300)
  // What is said elsewhere meanwhile does not move the page.
  const tokens = await on.server.login(guest(on.server.printed))
  await on.server.ask(tokens, 'post', '/v1/chats/{thread_id}/messages', { at: '/v1/chats/team:all/messages', body: { content: 'Adam, what can you do?' } })
  await page.getByRole('button', { name: t('messages.latest.new_one') }).waitFor()
  expect(await below(device)).toBeGreaterThan(away)
  await page.getByRole('button', { name: t('messages.latest.new_one') }).click()
  await expect.poll(() => below(device)).toBeLessThan(3)
  await device.messages.getByText('Here is what I can do:').waitFor()
})
