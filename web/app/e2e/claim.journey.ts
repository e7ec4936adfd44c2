import { expect, test } from 'vitest'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()

test('the first five minutes: claim, say something, go down the list', async () => {
  const link = /http\S+#\/claim\/\S+/.exec(on.server.printed)?.[0]
  expect(link).toContain(on.server.url)
  const device = await on.device(null)
  const { page } = device
  await page.goto(link!)
  await page.getByText(t('welcome.first')).waitFor()
  await page.getByLabel(t('welcome.name')).fill('Grace')
  await page.getByLabel(t('welcome.email')).fill('grace@example.com')
  await page.getByLabel(t('welcome.password.optional')).fill('correct horse battery')
  await page.getByRole('button', { name: t('welcome.begin') }).click()

  // The composer has the focus, and there is something to say.
  await device.composer.waitFor()
  await expect.poll(() => device.composer.evaluate((field) => field === document.activeElement)).toBe(true)
  const chips = page.getByRole('group', { name: t('messages.starters') }).getByRole('button')
  await chips.first().waitFor()
  expect(await chips.count()).toBe(3)
  const list = page.getByRole('region', { name: t('welcome.list') })
  const step = list.getByRole('link', { name: t('welcome.list.said') })
  expect(await step.innerText()).not.toContain(t('welcome.list.over'))

  // A chip does something real without a model: Nora writes it down.
  const todo = chips.filter({ hasText: /^todo: / })
  const what = await todo.innerText()
  await todo.click()
  await device.messages.getByText(what, { exact: true }).waitFor()
  await device.messages.filter({ has: page.getByText('Nora', { exact: true }) }).first().waitFor()
  await expect.poll(() => step.innerText()).toContain(t('welcome.list.over'))
  const grace = await on.server.login({ email: 'grace@example.com', password: 'correct horse battery' })
  const { memories } = await on.server.ask(grace, 'get', '/v1/agents/{agent_key}/memories', { at: '/v1/agents/nora/memories' })
  expect(memories.map(({ content }) => content).join()).toContain(what.replace('todo: ', ''))

  // Once it is dismissed it never comes back.
  await list.getByRole('button', { name: t('welcome.list.dismiss') }).click()
  await expect.poll(() => list.count()).toBe(0)
  await page.reload()
  await device.composer.waitFor()
  const settings = await on.server.ask(grace, 'get', '/v1/settings/web')
  expect(settings.checklist_dismissed).toBe(true)
  expect(await list.count()).toBe(0)

  // The link is used up, also for somebody else.
  const other = await on.device(null)
  await other.page.goto(link!)
  await other.page.getByLabel(t('welcome.name')).fill('Mallory')
  await other.page.getByRole('button', { name: t('welcome.enter') }).click()
  await other.page.getByText(t('welcome.used')).waitFor()
})

test('somebody who has a password signs in with it, and a wrong one is refused', async () => {
  const ada = await on.server.add('Ada')
  const { page } = await on.device(null)
  await page.goto('/')
  await page.getByLabel(t('welcome.email')).fill(ada.email)
  await page.getByLabel(t('welcome.password'), { exact: true }).fill('wrong horse battery')
  await page.getByRole('button', { name: t('welcome.enter') }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('navigation', { name: t('nav') }).count()).toBe(0)
  await page.getByLabel(t('welcome.password'), { exact: true }).fill(ada.password)
  await page.getByRole('button', { name: t('welcome.enter') }).click()
  await page.getByRole('navigation', { name: t('nav') }).waitFor()
})
