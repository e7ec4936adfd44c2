import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage({ model: true })
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
  await on.server.ask(await on.server.login(ada), 'post', '/v1/agents/hire', { body: { agent_key: 'nora' } })
})

test('in the Team Chat whoever is addressed answers, and it says why', async () => {
  const device = await on.device(ada)
  const { page } = device
  await device.go('#/chat')
  await device.composer.waitFor()

  // The @ word offers the team, and the keys choose.
  await device.composer.pressSequentially('@no')
  const offered = page.getByRole('listbox', { name: t('messages.mention') })
  await offered.getByRole('option', { name: 'Nora' }).waitFor()
  expect(await offered.getByRole('option').count()).toBe(1)
  await device.composer.press('Enter')
  await expect.poll(() => device.composer.inputValue()).toBe('@nora ')
  await device.composer.pressSequentially('who keeps the keys of the archive?')
  await device.composer.press('Enter')
  const nora = await on.model.next()
  nora.say('I keep them.').end()
  const first = device.messages.filter({ hasText: 'I keep them.' })
  await first.getByText('Nora', { exact: true }).waitFor()
  const why = first.getByTitle(t('messages.why'))
  await why.waitFor()
  expect((await why.innerText()).trim()).not.toBe('')

  await device.say('Adam, and who waters the palm?')
  const adam = await on.model.next()
  adam.say('That is me.').end()
  const second = device.messages.filter({ hasText: 'That is me.' })
  await second.getByText('Adam', { exact: true }).waitFor()
  expect(await second.getByTitle(t('messages.why')).innerText()).not.toBe(await why.innerText())
  expect(on.model.pending).toBe(0)
})
