import { deflateSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import type { Person } from './lib/server'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
let ada: Person

beforeAll(async () => {
  ada = await on.server.add('Ada')
})

/** A picture of one colour, 8 by 8. */
function png(): Buffer {
  const crcOf = (data: Buffer) => {
    let crc = ~0
    for (const byte of data) {
      crc ^= byte
      for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    }
    return ~crc >>> 0
  }
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data])
    const size = Buffer.alloc(4)
    size.writeUInt32BE(data.length)
    const crc = Buffer.alloc(4)
    crc.writeUInt32BE(crcOf(body))
    return Buffer.concat([size, body, crc])
  }
  const head = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0])
  const row = Buffer.from([0, ...Array.from({ length: 8 }, () => [40, 120, 200]).flat()])
  const rows = Buffer.concat(Array.from({ length: 8 }, () => row))
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

test('files are uploaded, looked at and deleted', async () => {
  const device = await on.device(ada)
  const { page } = device
  await device.go('#/files')
  await page.getByText(t('files.empty')).waitFor()
  await page.locator('input[type=file]').setInputFiles([
    { name: 'harbour.png', mimeType: 'image/png', buffer: png() },
    { name: 'tides.csv', mimeType: 'text/csv', buffer: Buffer.from('port,high\nHull,07:12\nDover,"11:40, about"\n') },
    { name: 'log.md', mimeType: 'text/markdown', buffer: Buffer.from('# Log\n\nAll *calm*.\n') },
  ])
  await page.getByRole('link', { name: 'harbour.png' }).waitFor()
  await page.getByRole('link', { name: 'tides.csv' }).click()
  const preview = page.getByRole('dialog')
  await preview.getByRole('cell', { name: '11:40, about' }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => preview.count()).toBe(0)
  await page.getByRole('link', { name: 'log.md' }).click()
  await preview.locator('em', { hasText: 'calm' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'harbour.png' }).click()
  const picture = preview.getByRole('img', { name: 'harbour.png' })
  await picture.waitFor()
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8)

  await preview.getByRole('button', { name: t('delete') }).click()
  const asked = page.getByRole('dialog', { name: t('files.delete_one') })
  await asked.getByRole('button', { name: t('delete'), exact: true }).click()
  await page.getByText(t('files.deleted_one')).waitFor()
  await expect.poll(() => page.getByRole('link', { name: 'harbour.png' }).count()).toBe(0)
  const left = await on.server.ask(await on.server.login(ada), 'get', '/v1/files')
  expect(left.files.map(({ original_name }) => original_name).sort()).toEqual(['log.md', 'tides.csv'])
})

test('a pasted picture goes with the message', async () => {
  const { device } = await on.thread(ada)
  const data = png().toString('base64')
  await device.composer.evaluate(async (field, content) => {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0))
    const carried = new DataTransfer()
    carried.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }))
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))
  }, data)
  const attached = device.page.getByRole('list', { name: t('messages.attached') })
  await attached.getByText('pasted.png').waitFor()
  await expect.poll(() => attached.getByRole('progressbar').count()).toBe(0)
  await device.say('what is in this picture?')
  const said = device.messages.filter({ hasText: 'what is in this picture?' })
  const picture = said.getByRole('img', { name: 'pasted.png' })
  await picture.waitFor()
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8)
  expect(await attached.count()).toBe(0)
  await device.page.reload()
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8)
})
