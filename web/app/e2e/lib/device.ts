import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { Tokens } from '../../src/api/session.svelte'
import type { Server } from './server'
import { t } from './words'

export type Kind = { width?: number; height?: number; theme?: 'light' | 'dark'; touch?: boolean; locale?: string }

/**
 * A browser in which somebody looks at the app. Everything that must never happen is written down: scripts that the page's policy stopped,
 * dialogs, errors nobody caught, requests to other servers.
 */
export class Device {
  readonly page: Page
  readonly context: BrowserContext
  readonly trouble: string[] = []

  private constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
  }

  static async open(browser: Browser, server: Server, tokens: Tokens | null, kind: Kind = {}): Promise<Device> {
    const { width = 1280, height = 800, theme = 'light', touch = false, locale = 'en-US' } = kind
    const context = await browser.newContext({
      baseURL: server.url,
      viewport: { width, height },
      colorScheme: theme,
      locale,
      hasTouch: touch,
      isMobile: touch,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    context.setDefaultTimeout(20_000)
    await context.addInitScript((session) => {
      if (session && !localStorage.getItem('tmates.session') && !sessionStorage.getItem('begun')) localStorage.setItem('tmates.session', session)
      sessionStorage.setItem('begun', 'yes')
    }, tokens && JSON.stringify(tokens))
    const page = await context.newPage()
    const device = new Device(context, page)
    await device.#watch(server)
    return device
  }

  async #watch(server: Server): Promise<void> {
    const note = (text: string) => void this.trouble.push(text)
    await this.context.exposeBinding('noteViolation', (_, text: string) => note(text))
    await this.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
        ;(window as unknown as { noteViolation: (text: string) => void }).noteViolation(`policy: ${violatedDirective} ${blockedURI} ${sample}`)
      })
    })
    this.context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol !== 'blob:' && url.protocol !== 'data:' && url.origin !== server.url) note(`request: ${request.url()}`)
    })
    this.context.on('dialog', (dialog) => {
      note(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    this.context.on('weberror', (error) => note(`error: ${error.error().stack ?? error.error().message}`))
    this.context.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) note(`console: ${message.text()}`)
    })
  }

  /** Goes to a place of the app, such as `#/files`. */
  async go(hash = ''): Promise<void> {
    const here = new URL(this.page.url())
    if (here.protocol === 'http:') await this.page.evaluate((to) => void (location.hash = to), hash)
    else await this.page.goto('/' + hash)
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: t('messages.write') }).or(this.page.getByRole('combobox', { name: t('messages.write') }))
  }

  /** The messages of the open thread, the oldest first. */
  get messages(): Locator {
    return this.page.getByRole('log').getByRole('article')
  }

  /** The line of a thread in the list, by whom it is with. */
  row(name: string): Locator {
    const title = this.page.locator('strong', { hasText: new RegExp(`^${name}$`) })
    return this.page.getByRole('navigation', { name: t('messages.threads') }).getByRole('link').filter({ has: title })
  }

  /** Says something in the open thread. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** What the bubbles of the thread hold, without times and buttons. */
  async texts(): Promise<string[]> {
    return this.page.getByRole('log').locator('article .md').allInnerTexts()
  }
}
