import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ model: true })
let ada: Person
let ben: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
  ben = await on.server.add('Ben')
})

test('the address of somebody else\'s thread shows nothing of it', async () => {
  const { device, id } = await on.thread(ada)
  await device.say('My locker is number 4711, keep that to yourself please')
  ;(await on.model.next()).say('I will not tell.').end()
  await device.messages.getByText('I will not tell.').waitFor()

  const his = await on.device(ben)
  const heard: string[] = []
  his.page.on('response', async (response) => heard.push(await response.text().catch(() => '')))
  his.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))))
  await his.go(`#/chat/${id}`)
  await his.page.getByText(t('messages.missing')).waitFor()
  expect(await his.page.getByText('4711').count()).toBe(0)
  await device.say('Have you told anybody about it?')
  ;(await on.model.next()).say('Nobody knows of 4711.').end()
  await device.messages.getByText('Nobody knows of 4711.').waitFor()
  await his.page.reload()
  await his.page.getByText(t('messages.missing')).waitFor()
  expect(heard.length).toBeGreaterThan(5)
  expect(heard.filter((text) => text.includes('4711') || text.includes('I will not tell'))).toEqual([])
})

test('what is read on one device is read on the others', async () => {
  const { device: desk, id, tokens } = await on.thread(ada)
  for (const thread of await on.server.ask(tokens, 'get', '/v1/chats')) {
    await on.server.ask(tokens, 'put', '/v1/chats/{thread_id}/read', { at: `/v1/chats/${thread.id}/read`, body: { seq: 1_000_000 } })
  }
  const phone = await on.device(ada, { width: 390, height: 844, touch: true })
  const laptop = await on.device(ada)
  await phone.go('#/chat')
  await laptop.go('#/pinboard')
  const row = phone.page.getByRole('navigation', { name: t('messages.threads') }).locator(`a[href="#/chat/${id}"]`)
  const badge = row.locator('.badge')
  const places = laptop.page.getByRole('navigation', { name: t('nav'), exact: true })
  await row.waitFor()
  expect(await badge.count()).toBe(0)

  await desk.say('Call me when the kettle boils, will you?')
  await desk.go('#/files')
  await desk.page.getByRole('heading', { name: t('nav.files'), level: 1 }).waitFor()
  ;(await on.model.next()).say('It boils.').end()
  await badge.waitFor()
  expect(await badge.innerText()).toMatch(/^1/)
  await expect.poll(() => places.locator('.badge').innerText()).toBe('1')
  await expect.poll(() => laptop.page.title()).toMatch(/^\(1\)/)
  await expect.poll(() => desk.page.title()).toMatch(/^\(1\)/)

  await row.click()
  await phone.messages.getByText('It boils.').waitFor()
  await expect.poll(() => places.locator('.badge').count()).toBe(0)
  await expect.poll(() => desk.page.title()).not.toMatch(/^\(/)
  const kept = await on.server.ask(tokens, 'get', '/v1/chats/{thread_id}', { at: `/v1/chats/${id}` })
  expect(kept.unread_count).toBe(0)
})

test('both devices of a person see the same conversation grow', async () => {
  const { device: desk, id } = await on.thread(ada)
  const phone = await on.device(ada, { width: 390, height: 844, touch: true })
  await phone.go(`#/chat/${id}`)
  await phone.composer.waitFor()
  await desk.say('Tell both of us a story')
  const turn = await on.model.next()
  turn.say('Once upon ')
  await phone.messages.getByText('Once upon').waitFor()
  await desk.messages.getByText('Once upon').waitFor()
  turn.say('a time.').end()
  const whole = ['Tell both of us a story', 'Once upon a time.']
  await expect.poll(() => phone.texts()).toEqual(whole)
  await expect.poll(() => desk.texts()).toEqual(whole)
})
