import { createServer, request, type IncomingMessage, type Server as Http } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stage } from './lib/stage'
import { t } from './lib/words'

const on = stage()
const below = '/team'
let proxy: Http
let url = ''

// What stands in front of the program: it serves it below a path, as nginx and Caddy do.
beforeAll(async () => {
  const { hostname, port } = new URL(on.server.url)
  const inside = (from: IncomingMessage) => from.url!.slice(below.length) || '/'
  proxy = createServer((from, to) => {
    if (!from.url!.startsWith(below + '/')) return void to.writeHead(404).end()
    const onward = request({ hostname, port, method: from.method, path: inside(from), headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    from.pipe(onward)
  })
  proxy.on('upgrade', (from, socket, head) => {
    const onward = connect(Number(port), hostname, () => {
      const lines = from.rawHeaders.flatMap((name, n) => (n % 2 ? [] : [`${name}: ${from.rawHeaders[n + 1]}`]))
      onward.write([`GET ${inside(from)} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${below}/`
})

afterAll(() => {
  proxy.closeAllConnections()
  proxy.close()
})

test('below a path of a proxy everything works as at the root', async () => {
  const ada = await on.server.add('Ada')
  const context = await on.browser.newContext()
  const outside: string[] = []
  context.on('request', (made) => {
    if (!made.url().startsWith(url) && !made.url().startsWith('blob:')) outside.push(made.url())
  })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel(t('welcome.email')).fill(ada.email)
  await page.getByLabel(t('welcome.password'), { exact: true }).fill(ada.password)
  await page.getByRole('button', { name: t('welcome.enter') }).click()
  const composer = page.getByRole('textbox', { name: t('messages.write') }).or(page.getByRole('combobox', { name: t('messages.write') }))
  await composer.fill('what can you do?')
  await composer.press('Enter')
  // The answer comes over the socket.
  await page.getByRole('log').getByText('Here is what I can do:').waitFor()
  await page.getByRole('link', { name: t('nav.files'), exact: true }).click()
  await page.getByRole('heading', { level: 1, name: t('nav.files') }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: t('nav.files') }).waitFor()
  expect(page.url()).toBe(`${url}#/files`)
  expect(outside).toEqual([])
  await context.close()
})
