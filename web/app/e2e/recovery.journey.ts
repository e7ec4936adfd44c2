import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ model: true })
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

test('a server that is killed in the middle of an answer goes on where it was', async () => {
  const { device, id, tokens } = await on.thread(ada)
  await device.say('Describe the lighthouse at night')
  const first = await on.model.next()
  first.say('The lamp turns, ')
  await device.messages.last().getByText('The lamp turns,').waitFor()

  await on.server.kill()
  await device.page.getByText(t('state.waiting')).waitFor()
  await first.gone
  // What is said meanwhile waits in the browser.
  await device.say('And the sea?')
  await device.page.getByRole('log').getByText(t('messages.waiting')).waitFor()
  await on.server.start()

  const again = await on.model.next()
  expect(again.question).toContain('Describe the lighthouse at night')
  again.say('The lamp turns, ', 'and ships ')
  await device.messages.getByText('The lamp turns, and ships').waitFor()
  again.say('pass by.').end()
  const sea = await on.model.next()
  expect(sea.question).toContain('And the sea?')
  sea.say('It is calm.').end()
  await device.messages.getByText('It is calm.').waitFor()
  await expect.poll(() => device.page.getByText(t('state.waiting')).count()).toBe(0)

  const whole = ['Describe the lighthouse at night', 'The lamp turns, and ships pass by.', 'And the sea?', 'It is calm.']
  expect(device.page.url()).toContain(id)
  await expect.poll(async () => (await device.texts()).sort()).toEqual([...whole].sort())
  await device.page.reload()
  await device.messages.getByText('It is calm.').waitFor()
  expect((await device.texts()).sort()).toEqual([...whole].sort())
  const kept = await on.server.ask(tokens, 'get', '/v1/chats/{thread_id}', { at: `/v1/chats/${id}` })
  const said = kept.messages.filter(({ role }) => role !== 'system').map(({ content }) => content)
  expect(said.sort()).toEqual([...whole].sort())
  expect(on.model.pending).toBe(0)
})

test('what is written without a network arrives once, when there is one', async () => {
  const { device, id, tokens } = await on.thread(ada, 'nora')
  await device.context.setOffline(true)
  await device.page.getByText(t('state.offline')).waitFor()
  await device.say('Write a limerick about queues')
  await device.page.getByRole('log').getByText(t('messages.waiting')).waitFor()
  expect((await on.server.ask(tokens, 'get', '/v1/chats/{thread_id}', { at: `/v1/chats/${id}` })).messages.filter(({ role }) => role === 'user')).toEqual([])

  await device.context.setOffline(false)
  const turn = await on.model.next()
  turn.say('A patient young job in a queue').end()
  await device.messages.getByText('A patient young job in a queue').waitFor()
  expect(await device.page.getByText(t('state.offline')).count()).toBe(0)
  const once = ['Write a limerick about queues', 'A patient young job in a queue']
  await expect.poll(() => device.texts()).toEqual(once)
  const kept = await on.server.ask(tokens, 'get', '/v1/chats/{thread_id}', { at: `/v1/chats/${id}` })
  expect(kept.messages.filter(({ role }) => role !== 'system').map(({ content }) => content)).toEqual(once)
  expect(on.model.pending).toBe(0)
})

test('an answer to the sender that was lost does not say anything twice', async () => {
  const { device, id } = await on.thread(ada, 'milo')
  let lost = 0
  await device.page.route(`**/v1/chats/${id}/messages`, async (route) => {
    if (lost++) return route.continue()
    await route.fetch() // the server has it, and nobody hears so
    await route.abort()
  })
  await device.say('Name a colour nobody likes')
  const turn = await on.model.next()
  turn.say('Beige.').end()
  await device.messages.getByText('Beige.').waitFor()
  await expect.poll(() => lost).toBeGreaterThan(1)
  const once = ['Name a colour nobody likes', 'Beige.']
  await expect.poll(() => device.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('tmates.outbox')))).toEqual([])
  expect(await device.texts()).toEqual(once)
  await device.page.reload()
  await device.messages.getByText('Beige.').waitFor()
  expect(await device.texts()).toEqual(once)
  expect(on.model.pending).toBe(0)
})

test('the app opens without a network, and says that there is none', async () => {
  const { device } = await on.thread(ada, 'vera')
  const { page } = device
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await page.reload() // from now on the worker hands everything out
  await device.composer.waitFor()
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
  await device.context.setOffline(true)
  await page.reload()
  await page.getByText(t('state.offline')).waitFor()
  await page.getByRole('navigation', { name: t('nav'), exact: true }).waitFor()
  await device.context.setOffline(false)
  await device.composer.waitFor()
  await expect.poll(() => page.getByText(t('state.offline')).count()).toBe(0)
})
