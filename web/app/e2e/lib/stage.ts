import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'
import type { Tokens } from '../../src/api/session.svelte'
import { Device, type Kind } from './device'
import { Model } from './model'
import { Server, type Person } from './server'

/** What the browser may not do of its own accord, so that every request is one of the page. */
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

function chromiumPath(): string {
  return process.env.CHROMIUM || execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
}

/** A server, a browser and, when it is wanted, a model, for the tests of a file. */
export class Stage {
  readonly server: Server
  readonly model = new Model()
  browser!: Browser
  readonly devices: Device[] = []

  constructor(settings: Record<string, string>) {
    this.server = new Server(inject('program'), settings)
  }

  /** Opens a browser of somebody's, or of nobody's. */
  async device(person: Pick<Person, 'email' | 'password'> | null, kind?: Kind): Promise<Device> {
    const device = await Device.open(this.browser, this.server, person && (await this.server.login(person)), kind)
    this.devices.push(device)
    return device
  }

  /** Opens somebody's thread with a tmate, empty. */
  async thread(person: Person, tmate = 'adam', kind?: Kind): Promise<{ device: Device; id: string; tokens: Tokens }> {
    const [device, tokens] = await Promise.all([this.device(person, kind), this.server.login(person)])
    if (tmate !== 'adam') await this.server.ask(tokens, 'post', '/v1/agents/hire', { body: { agent_key: tmate } })
    const { id } = await this.server.ask(tokens, 'post', '/v1/chats', { body: { agent_key: tmate } })
    await this.server.ask(tokens, 'post', '/v1/chats/{thread_id}/clear', { at: `/v1/chats/${id}/clear` })
    await device.go(`#/chat/${id}`)
    await device.composer.waitFor()
    return { device, id, tokens }
  }
}

/** Sets the stage of a file. After each test nothing may have happened that never may, and its devices are closed. */
export function stage({ args = [], settings = {}, model = false }: { args?: string[]; settings?: Record<string, string>; model?: boolean } = {}): Stage {
  const it = new Stage(settings)
  beforeAll(async () => {
    const launched = chromium.launch({ executablePath: chromiumPath(), args: quiet })
    await it.server.start(...args)
    if (model) {
      await it.model.start()
      await it.server.connect(it.model)
    }
    it.browser = await launched
  })
  afterEach(async ({ task }) => {
    const devices = it.devices.splice(0)
    const trouble = devices.flatMap((device) => device.trouble)
    if (task.result?.state === 'fail') {
      const folder = new URL('../failed/', import.meta.url).pathname
      mkdirSync(folder, { recursive: true })
      for (const [n, { page }] of devices.entries()) await page.screenshot({ path: `${folder}${task.name.replace(/\W+/g, '-')}-${n}.png` }).catch(() => {})
    }
    for (const { context } of devices) await context.close()
    expect(trouble).toEqual([])
  })
  afterAll(async () => {
    await it.browser?.close()
    it.model.stop()
    await it.server.stop()
  })
  return it
}
