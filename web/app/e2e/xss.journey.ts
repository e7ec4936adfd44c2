import { expect, test } from 'vitest'
import { stage } from './lib/stage'
import { t } from './lib/words'

/** What has been tried on pages like this one. Each would say so if it ran: by a dialog, a request or a change of the page. */
const payloads = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">press</a>',
  '[press](javascript:alert(1))',
  '[press](java&#x73;cript:alert(1))',
  '[press](\u0001javascript:alert(1))',
  '[press](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[press](vbscript:msgbox(1))',
  '<javascript:alert(1)>',
  '![x](https://evil.example/track.png)',
  '![x](javascript:alert(1))',
  '![x](//evil.example/a.png "t\' onerror=alert(1)")',
  '[x]: javascript:alert(1)\n\n[x]',
  '[a](https://a.example "\\" onmouseover=alert(1) x=\\"")',
  '<style>@import url(https://evil.example/a.css);</style>',
  '<link rel=stylesheet href=https://evil.example/a.css><base href=https://evil.example/>',
  '<form action=https://evil.example><button formaction=javascript:alert(1)>press</button></form>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>alert(1)</script></svg>#x">',
  '```html" onclick="alert(1)\n<img src=x onerror=alert(1)>\n```',
  '```<img src=x onerror=alert(1)>\nx\n```',
  '|<img src=x onerror=alert(1)>|a|\n|-|-|\n|`<script>alert(1)</script>`|b|',
  '- [ ] <input autofocus onfocus=alert(1)>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '{{constructor.constructor("alert(1)")()}} ${alert(1)} {@html "<img src=x onerror=alert(1)>"}',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">',
  '<details open ontoggle=alert(1)><video><source onerror=alert(1)></video></details>',
  '</textarea></title></style></script><script>alert(1)</script>',
  '\u202e<b onmouseover=alert(1)>x',
]
const name = '<img src=x onerror=alert(1)>"\'><script>alert(1)</script>'
const on = stage({ model: true })

/** What only somebody else's code can have put into the page. */
const intruders = () => {
  const all = [...document.querySelectorAll('script:not([src]), style, iframe, object, embed, base, meta[http-equiv], form[action], math, foreignObject')]
  for (const one of document.querySelectorAll('*')) {
    if (one instanceof HTMLLinkElement && new URL(one.href).origin !== location.origin) all.push(one)
    for (const { name, value } of one.attributes) {
      if (name.startsWith('on') || /^\s*(javascript|vbscript|data):/i.test(value)) all.push(one)
      else if (/^(src|srcset|poster|background|action|formaction)$/.test(name) && /evil\.example/.test(value)) all.push(one)
    }
  }
  return all.map((one) => one.outerHTML.slice(0, 200))
}

test('what people and tmates write does nothing but stand there', async () => {
  const mallory = { ...(await on.server.add('Mallory')) }
  const tokens = await on.server.login(mallory)
  await on.server.ask(tokens, 'patch', '/v1/profile', { body: { display_name: name } })
  await on.server.ask(tokens, 'patch', '/v1/organization', { body: { name } })
  const manifest = `schema: tmates/v1\nname: ${JSON.stringify(name)}\nslug: trap\nversion: 1.0.0\ndescription: ${JSON.stringify(payloads[1])}\nrole: ${JSON.stringify(payloads[2])}\ncategory: General\nauthor: ${JSON.stringify(name)}\nicon: ${JSON.stringify('<b>')}\nbranding:\n  emoji: ${JSON.stringify('<i>')}\ncapabilities: [${JSON.stringify(payloads[0])}]\nstarters: [${JSON.stringify(payloads[1])}]\n`
  await on.server.ask(tokens, 'post', '/v1/tmates', { body: { manifest } })
  await on.server.ask(tokens, 'post', '/v1/agents/hire', { body: { agent_key: 'trap' } })
  for (const [n, payload] of payloads.entries()) {
    const body = { title: n % 2 ? payload.slice(0, 190) : `Post ${n}`, content_md: payload, excerpt: payload }
    await on.server.ask(tokens, 'post', '/v1/pinboard', { body })
  }
  for (const payload of payloads.slice(0, 6)) {
    const form = new FormData()
    form.append('file', new Blob(['A note.\n'], { type: 'text/plain' }), `${payload.replaceAll('/', '_')}.txt`)
    await on.server.ask(tokens, 'post', '/v1/files/upload', { body: form })
  }
  for (const [file, text] of [
    ['page.md', payloads.join('\n\n')],
    ['page.csv', payloads.map((payload) => `"${payload.replaceAll('"', '""')}"`).join('\n')],
    ['page.txt', payloads.join('\n')],
  ] as const) {
    const form = new FormData()
    form.append('file', new Blob([`A note.\n\n${text.replaceAll('\u0001', '')}`], { type: 'text/plain' }), file)
    await on.server.ask(tokens, 'post', '/v1/files/upload', { body: form })
  }
  const { id } = await on.server.ask(tokens, 'post', '/v1/chats', { body: { agent_key: 'trap' } })
  const device = await on.device(mallory)
  const { page } = device
  /** Nothing came into the page; what was said is there to read; and whatever can be pressed leads to no script. */
  const harmless = async (where: string) => {
    expect(await page.evaluate(intruders), where).toEqual([])
    expect(device.trouble, where).toEqual([])
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol))
    expect(links.filter((protocol) => !['http:', 'https:', 'mailto:'].includes(protocol)), where).toEqual([])
  }

  await device.go(`#/chat/${id}`)
  await device.composer.waitFor()
  await harmless('empty thread')
  for (const payload of payloads) {
    await device.say(`Please repeat ${payload}`)
    const turn = await on.model.next()
    expect(turn.question).toContain('Please repeat')
    turn.say(...payload.match(/[^]{1,7}/g)!, '\n\nEnd of it.').end()
    await expect.poll(() => page.evaluate(() => document.querySelectorAll('article[aria-busy]').length)).toBe(0)
    await device.messages.last().getByText('End of it.').waitFor()
    await harmless(payload)
  }
  expect(await page.getByRole('log').innerText()).toContain('</textarea></title></style></script><script>alert(1)</script>')
  await page.reload()
  await device.messages.last().getByText('End of it.').waitFor()
  await harmless('whole thread')
  // Keys and pointers wake what sleeps in links.
  for (const link of (await page.getByRole('log').getByRole('link', { name: 'press' }).all()).slice(0, 8)) await link.hover()

  await device.go('#/pinboard')
  await page.getByRole('article').nth(5).waitFor()
  await harmless('wall')
  const slugs = (await on.server.ask(tokens, 'get', '/v1/pinboard', { at: '/v1/pinboard?limit=100' })).map(({ slug }) => slug)
  expect(slugs).toHaveLength(payloads.length)
  for (const slug of slugs) {
    await device.go(`#/pinboard/${encodeURIComponent(slug)}`)
    await page.locator('article .md').waitFor()
    await harmless(slug)
  }

  await device.go('#/files')
  await page.getByRole('link', { name: 'page.md' }).waitFor()
  await harmless('files')
  for (const file of ['page.md', 'page.csv', 'page.txt']) {
    await page.getByRole('link', { name: file }).click()
    await page.getByRole('dialog').getByRole('region', { name: file }).waitFor()
    await harmless(file)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  }
  for (const hash of ['#/teammates', '#/teammates/trap', '#/activity', '#/settings', '#/settings/members']) {
    await device.go(hash)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await expect.poll(() => page.locator('main .skeleton').count()).toBe(0)
    // The names are those of the trap, everywhere.
    if (hash !== '#/settings') await page.locator('main').getByText('<script>alert(1)</script>').and(page.locator(':not(option)')).first().waitFor()
    await harmless(hash)
  }
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: t('search.what') }).fill('alert')
  await page.getByRole('listbox', { name: t('search.results') }).locator('mark').first().waitFor()
  await harmless('search')

  // An address can be a trap as well.
  for (const hash of ['#/chat/<img src=x onerror=alert(1)>', '#/pinboard/"><script>alert(1)</script>', '#/files/javascript:alert(1)', '#/teammates/<svg onload=alert(1)>', '#javascript:alert(1)', '#/%', '#/claim/<script>alert(1)</script>']) {
    await page.goto('/' + hash)
    await page.locator('main').first().waitFor()
    await harmless(hash)
  }
})

test('the detector of this file detects', async () => {
  const device = await on.device(null)
  await device.page.goto('/')
  await device.page.getByLabel(t('welcome.email')).waitFor()
  await device.page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<p onclick="alert(1)" id="trap">x</p><img src="https://evil.example/a.png"><iframe srcdoc="x"></iframe>')
    setTimeout(() => confirm('gotcha'))
  })
  await device.page.locator('#trap').click()
  await expect.poll(() => device.trouble.filter((text) => text.startsWith('policy: ')).length).toBeGreaterThanOrEqual(2)
  await expect.poll(() => device.trouble).toContain('dialog: gotcha')
  expect((await device.page.evaluate(intruders)).length).toBeGreaterThanOrEqual(2)
  device.trouble.length = 0
})
