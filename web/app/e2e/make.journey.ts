import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

test('a tmate is made with the form and the text, and deleted', async () => {
  const device = await on.device(ada)
  const { page } = device
  await device.go('#/teammates/new')
  await page.getByLabel(t('teammates.name.first')).fill('Pia')
  await page.getByRole('button', { name: t('teammates.name.begin') }).click()
  const text = page.getByLabel('manifest.yaml')
  const save = page.getByRole('button', { name: t('save') })
  await page.getByLabel(t('teammates.field.emoji')).fill('🦊')
  await page.getByLabel(t('teammates.field.starter', { n: 3 })).fill('Good morning')
  await page.getByLabel(t('teammates.field.starter', { n: 4 })).waitFor()
  const good = await text.inputValue()
  expect(good).toContain('icon: 🦊\n')
  expect(good).toContain('# What clients offer to say first.\nstarters:\n')
  expect(good).toContain('  - Good morning\n')

  // A text that cannot be read stops the form, and its problem leads to its place.
  await text.fill(good.replace('capabilities:', 'capabilities: ['))
  await page.getByText(t('teammates.form.waits')).waitFor()
  expect(await page.getByLabel(t('teammates.field.role'), { exact: true }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: t('teammates.wrong_one', { count: 1 }) }).click()
  expect(await save.isDisabled()).toBe(true)
  expect(await text.evaluate((area: HTMLTextAreaElement) => document.activeElement === area && area.selectionStart > 0 && area.selectionStart < area.value.length)).toBe(true)

  // A key that is taken is told before it is saved.
  await text.fill(good.replace(/^slug: .*$/m, 'slug: nora'))
  await page.getByRole('button', { name: /"nora"/ }).waitFor()
  await text.fill(good)
  await page.getByText(t('teammates.fine')).waitFor()

  // What was changed is not lost by a link.
  await page.getByRole('link', { name: t('nav.files') }).click()
  await page.getByRole('dialog', { name: t('teammates.discard') }).getByRole('button', { name: t('cancel') }).click()
  await save.click()
  await page.getByRole('button', { name: t('teammates.hire', { name: 'Pia' }) }).waitFor()
  const made = await on.server.ask(await on.server.login(ada), 'get', '/v1/agents/metadata')
  expect(made.agents_metadata.pia?.branding?.emoji).toBe('🦊')

  await page.getByRole('link', { name: t('teammates.edit') }).click()
  await page.getByRole('button', { name: t('delete') }).click()
  await page.getByRole('dialog').getByRole('button', { name: t('delete') }).click()
  await page.getByRole('heading', { name: t('teammates.team') }).waitFor()
  const left = await on.server.ask(await on.server.login(ada), 'get', '/v1/agents/metadata')
  expect(left.agents_metadata.pia).toBe(undefined)
})
