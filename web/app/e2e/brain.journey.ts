import { afterAll, beforeAll, expect, test } from 'vitest'
import { Model } from './lib/model'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ settings: { TMATES_QUEUE_MAX_ATTEMPTS: '1' } })
const model = new Model()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
  await model.start()
})
afterAll(() => model.stop())

test('a model is connected by hand, answers, and its work is seen live', async () => {
  const { device, id } = await on.thread(ada)
  const { page } = device
  await device.go('#/settings/brain')
  await page.getByText(t('settings.brain.none')).waitFor()
  await page.getByRole('button', { name: t('settings.brain.add') }).click()
  const form = page.locator('form')
  await form.getByLabel(t('settings.brain.type')).selectOption('openai')
  // What does not answer is not kept.
  await form.getByLabel(t('settings.brain.address')).fill('http://127.0.0.1:9/v1')
  await form.getByLabel(t('settings.brain.model'), { exact: true }).fill('scripted')
  await form.getByRole('button', { name: t('settings.brain.save') }).click()
  await form.getByRole('alert').waitFor()
  const tokens = await on.server.login(ada)
  expect((await on.server.ask(tokens, 'get', '/v1/providers')).providers).toEqual([])

  await form.getByLabel(t('settings.brain.address')).fill(model.url)
  await form.getByLabel(t('settings.brain.model'), { exact: true }).fill('')
  await form.getByRole('button', { name: t('settings.brain.list') }).click()
  await expect.poll(() => form.getByLabel(t('settings.brain.model'), { exact: true }).inputValue()).toBe('scripted')
  await form.getByRole('button', { name: t('settings.brain.save') }).click()
  await page.getByText(t('settings.brain.default'), { exact: true }).waitFor()
  expect(await form.count()).toBe(0)

  await device.go(`#/chat/${id}`)
  await device.say('What is on the horizon?')
  const turn = await model.next()
  turn.say('A sail, ')
  await device.messages.getByText('A sail,').waitFor()

  // Activity shows the job while it runs, and how it ends.
  await device.go('#/activity')
  const job = page.getByRole('listitem').filter({ hasText: 'What is on the horizon?' })
  await job.getByText(t('activity.state.running')).waitFor()
  turn.say('I think.').end()
  await job.getByText(t('activity.state.succeeded')).waitFor()
  expect(await job.innerText()).toContain('scripted')

  await device.go(`#/chat/${id}`)
  await device.messages.getByText('A sail, I think.').waitFor()
  await device.say('Look again until I say stop, will you?')
  const long = await model.next()
  long.say('Looking ')
  await device.messages.getByText('Looking').waitFor()
  await device.go('#/activity')
  const other = page.getByRole('listitem').filter({ hasText: 'Look again until I say stop' })
  await other.getByRole('button', { name: t('activity.cancel') }).click()
  await long.gone
  await other.getByText(t('activity.state.cancelled')).waitFor()
  await other.getByRole('button', { name: t('activity.retry') }).click()
  const again = await model.next()
  expect(again.question).toContain('Look again until I say stop')
  again.say('Still a sail.').end()
  await other.getByText(t('activity.state.succeeded')).waitFor()
})
