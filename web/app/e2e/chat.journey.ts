import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ model: true, settings: { TMATES_QUEUE_MAX_ATTEMPTS: '1' } }) // what fails is not tried again by itself
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

test('an answer appears while it is written, and stays when it is done', async () => {
  const { device } = await on.thread(ada)
  await device.say('Tell me about the tides, please')
  const turn = await on.model.next()
  expect(turn.question).toContain('Tell me about the tides, please')
  turn.say('The **moon** ')
  const answer = device.messages.last()
  await answer.getByText('The moon').waitFor()
  expect(await answer.getAttribute('aria-busy')).toBe('true')
  turn.say('pulls ', 'the sea.')
  await answer.getByText('The moon pulls the sea.').waitFor()
  turn.end()
  await expect.poll(() => answer.getAttribute('aria-busy')).toBeNull()
  expect(await device.texts()).toEqual(['Tell me about the tides, please', 'The moon pulls the sea.'])
  expect(await answer.locator('strong', { hasText: 'moon' }).count()).toBe(1)
})

test('Stop ends an answer, and says that it is a part', async () => {
  const { device } = await on.thread(ada)
  await device.say('Count to a million for me')
  const turn = await on.model.next()
  turn.say('One, two, ')
  await device.messages.last().getByText('One, two,').waitFor()
  await device.page.getByRole('button', { name: t('messages.stop'), exact: true }).click()
  await turn.gone
  await device.messages.last().getByText(t('messages.partial')).waitFor()
  expect((await device.texts()).filter((text) => text.startsWith('One, two,'))).toHaveLength(1)
  await expect.poll(() => device.page.getByRole('button', { name: t('messages.stop'), exact: true }).count()).toBe(0)
})

test('a reload in the middle of an answer ends with the same text', async () => {
  const { device } = await on.thread(ada)
  await device.say('Recite the poem of the sea')
  const turn = await on.model.next()
  turn.say('First line. ', 'Second line. ')
  await device.messages.last().getByText('Second line.').waitFor()
  await device.page.reload()
  await device.messages.last().getByText('First line. Second line.').waitFor()
  expect(await device.messages.last().getAttribute('aria-busy')).toBe('true')
  turn.say('Third line. ')
  await device.messages.last().getByText('Third line.').waitFor()
  await device.page.reload()
  turn.say('The end.').end()
  await device.messages.last().getByText('The end.').waitFor()
  await expect.poll(() => device.messages.last().getAttribute('aria-busy')).toBeNull()
  const whole = ['Recite the poem of the sea', 'First line. Second line. Third line. The end.']
  expect(await device.texts()).toEqual(whole)
  await device.page.reload()
  await device.messages.last().getByText('The end.').waitFor()
  expect(await device.texts()).toEqual(whole)
})

test('the steps of an answer are one line that opens', async () => {
  const { device } = await on.thread(ada)
  await device.say('Please tell me what the twelfth power of two is worth in sheep')
  const first = await on.model.next()
  expect(first.asked.tools?.map(({ function: { name } }) => name)).toContain('calculate')
  first.use('calculate', { expression: '2^12' })
  const second = await on.model.next()
  expect(second.asked.messages.at(-1)?.content).toContain('4096')
  second.say('That is 4096 sheep.').end()
  const answer = device.messages.last()
  await answer.getByText('That is 4096 sheep.').waitFor()
  const steps = answer.locator('details')
  await steps.waitFor()
  expect(await steps.getByText('calculate', { exact: true }).isVisible()).toBe(false)
  await steps.locator('summary').click()
  await steps.getByText('calculate', { exact: true }).waitFor()
})

test('a failure is shown in the thread and can be tried again', async () => {
  const { device } = await on.thread(ada)
  await device.say('Write a sonnet about rust')
  ;(await on.model.next()).say('Rust never ').cut()
  const retry = device.page.getByRole('log').getByRole('button', { name: t('retry') })
  await retry.waitFor()
  await retry.click()
  const turn = await on.model.next()
  turn.say('Rust never sleeps.').end()
  await device.messages.last().getByText('Rust never sleeps.').waitFor()
  expect((await device.texts()).filter((text) => text === 'Rust never sleeps.')).toHaveLength(1)
})
