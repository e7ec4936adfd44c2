import assert from 'node:assert/strict'
import { test } from 'vitest'
import { paint } from './highlight.ts'
import { Markdown } from './markdown.ts'

const labels = { copy: 'Copy', code: 'Code', table: 'Table', image: 'Show image from {name}', picture: 'Image', done: 'Done', open: 'Open' }
const base = 'http://host.test/app'
const render = (text: string, growing = false) => new Markdown({ labels, base, clean: (html) => html, paint }).blocks(text, growing).join('')

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'a <svg/onload=alert(1)> b',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<style>*{background:url(http://evil.test)}</style>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<!-- --><img src=x onerror=alert(1)> <![CDATA[<script>alert(1)</script>]]>',
  '<?php echo 1 ?><script>alert(1)</script>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](java&#115;cript:alert(1))',
  '[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](file:///etc/passwd)',
  '[x](blob:http://host.test/1)',
  '<javascript:alert(1)>',
  '[x]: javascript:alert(1)\n\n[x]',
  '[x](http://a.test "\\" onmouseover=alert(1) x=\\"")',
  "[x](http://a.test/'onmouseover='alert(1))",
  '[x](http://a.test/"onmouseover="alert(1))',
  '![" onerror=alert(1) x="](http://a.test/x.png)',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml;base64,PHN2Zy8+)',
  '![x](http://a.test/"onerror="alert(1))',
  '![" onclick=alert(1) "](/v1/files/download/a"onclick="alert(1).png)',
  '```"><img src=x onerror=alert(1)>\n<img src=x onerror=alert(1)>\n```',
  '```html\n</code></pre><script>alert(1)</script>\n```',
  '`<img src=x onerror=alert(1)>`',
  '    <script>alert(1)</script>',
  '|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|',
  '# <img src=x onerror=alert(1)>',
  '- [ ] <img src=x onerror=alert(1)>',
  '> <script>alert(1)</script>',
  '**<b onmouseover=alert(1)>x</b>**',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<details open ontoggle=alert(1)>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
]

const tags = new Set('p br hr h3 h4 h5 h6 ul ol li blockquote strong em del code pre span div table thead tbody tr th td a button input'.split(' '))
const attributes = new Set('href target rel title class role tabindex aria-label type disabled checked start align data-copy data-path'.split(' '))

// The parts of HTML that we made: each < begins a tag of ours, and each attribute is quoted and known.
function inspect(html: string): void {
  for (const [tag] of html.matchAll(/<[^>]*>?/g)) {
    const parts = /^<\/?([a-z0-9]+)((?: [a-z-]+(?:="[^"<>]*")?)*)>$/.exec(tag)
    assert.ok(parts, tag)
    assert.ok(tags.has(parts[1]!), tag)
    for (const [, name, , value] of parts[2]!.matchAll(/ ([a-z-]+)(="([^"]*)")?/g)) {
      assert.ok(attributes.has(name!), tag)
      if (name === 'href') assert.match(value!, /^(https?:\/\/|mailto:|#\/)/)
    }
  }
}

for (const attack of attacks) {
  test(`nothing of the author becomes HTML: ${attack.slice(0, 60)}`, () => {
    for (const growing of [false, true]) inspect(render(attack, growing))
  })
}

test('HTML is shown as it was written, and Markdown in it works', () => {
  assert.equal(render('<b>x</b> and **y**').trim(), '<p>&lt;b&gt;x&lt;/b&gt; and <strong>y</strong></p>')
})

test('a link of the web opens elsewhere, one of the app here', () => {
  assert.match(render('[x](https://a.test/b?c=1&d=2)'), /href="https:\/\/a\.test\/b\?c=1&amp;d=2" target="_blank" rel="noopener noreferrer nofollow"/)
  assert.equal(render('[x](#/pinboard/a)').trim(), '<p><a href="#/pinboard/a">x</a></p>')
  assert.match(render('[x](/v1/files/download/a%20b.pdf)'), /<a href="#\/files\/a%20b\.pdf">/)
})

test('no image is loaded by itself', () => {
  const far = render('![chart](https://a.test/x.png)')
  assert.match(far, /<a href="https:\/\/a\.test\/x\.png" target="_blank".*>Show image from a\.test<\/a>/)
  assert.match(render('![chart](/v1/files/download/x.png)'), /<button type="button" class="md-image" data-path="x\.png"/)
  assert.match(render('![chart](//evil.test/v1/files/download/x.png)'), /<a href="http:\/\/evil\.test/)
})

test('headings begin at the third level', () => {
  assert.equal(render('# a\n\n###### b').replaceAll('\n', ''), '<h3>a</h3><h6>b</h6>')
})

test('code has its language, is coloured, and needs no end while it grows', () => {
  assert.match(render('```go\nfunc main() {}\n```'), /<span>go<\/span>.*hljs-keyword/)
  const growing = render('text\n\n```go\nfunc <main', true)
  assert.match(growing, /<pre tabindex="0"><code>func &lt;main\n<\/code>/)
})

test('only the last block of a growing text is made anew', () => {
  let made = 0
  const engine = new Markdown({ labels, base, clean: (html) => (made++, html) })
  engine.blocks('one\n\ntwo\n\nthr', true)
  made = 0
  assert.equal(engine.blocks('one\n\ntwo\n\nthree', true).length, 3)
  assert.equal(made, 1)
})

test('a link defined further down reaches the blocks before', () => {
  const engine = new Markdown({ labels, base, clean: (html) => html })
  engine.blocks('see [x]')
  assert.match(engine.blocks('see [x]\n\n[x]: https://a.test').join(''), /href="https:\/\/a\.test\/"/)
})

test('what is nested without measure is still shown', () => {
  for (const text of ['> '.repeat(20_000) + 'x', '['.repeat(50_000), '*a '.repeat(20_000), '- '.repeat(5_000) + 'x']) {
    inspect(render(text))
  }
})
