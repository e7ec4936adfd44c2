import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { paths } from '../../src/api/schema'
import type { Tokens } from '../../src/api/session.svelte'
import type { Model } from './model'

/** Somebody with an account. */
export type Person = { name: string; email: string; password: string }

/** What the list of devices shows. */
const chromium = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 ? (R[S] extends { content: { 'application/json': infer T } } ? T : never) : never }[keyof R]
  : never

/** The program, running on a free port of this machine with a data folder of its own. */
export class Server {
  url = ''
  /** What it printed since it was last started. */
  printed = ''
  readonly #program: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'tmates-data-'))
  readonly #settings: Record<string, string>
  #process: ChildProcess | null = null

  /** `settings` are variables, as in TMATES_QUEUE_WORKERS. */
  constructor(program: string, settings: Record<string, string> = {}) {
    this.#program = program
    this.#settings = settings
  }

  /** Starts it; the second time at the same address. */
  async start(...args: string[]): Promise<void> {
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0'
    const data = args.includes('--demo') ? [] : ['--data', this.#folder]
    const child = spawn(this.#program, ['serve', '--listen', listen, ...data, ...args], { env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    this.printed = ''
    let log = ''
    child.stderr.on('data', (text) => (log += text))
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text) => {
        this.printed += text
        const [, url] = /^listening on: +(http\S+).*\n/m.exec(this.printed) ?? []
        if (!url) return
        this.url = url
        // What is printed last stands behind the address, unless it is a demo.
        if (args.includes('--demo') || this.printed.includes('for clients:')) resolve()
      })
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log}`)))
    })
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it for good, and removes its data. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs a command of the program. */
  async run(args: string[], input = ''): Promise<string> {
    const child = spawn(this.#program, [...args, '--data', this.#folder], { env: this.#environment })
    let out = ''
    let log = ''
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (log += text))
    child.stdin.end(input)
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`tmates ${args.join(' ')}: ${code}\n${log}`)
    return out
  }

  async add(name: string): Promise<Person> {
    const person = { name, email: `${name.toLowerCase().replace(/\W+/g, '.')}@example.com`, password: 'correct horse battery' }
    await this.run(['user', 'add', person.email, '--name', name, '--password-stdin'], person.password)
    return person
  }

  async connect(model: Model): Promise<void> {
    await this.run(['provider', 'add', 'scripted', '--type', 'openai', '--base-url', model.url, '--model', 'scripted'])
  }

  /** Signs somebody in, as another device each time. */
  async login({ email, password }: Pick<Person, 'email' | 'password'>): Promise<Tokens> {
    const answer = await fetch(`${this.url}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': chromium },
      body: JSON.stringify({ email, password }),
    })
    if (answer.status !== 200) throw new Error(`login of ${email}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Tokens
  }

  /** Asks the API without a browser; whatever is not 2xx is an error. */
  async ask<P extends keyof paths & string, M extends keyof paths[P] & ('get' | 'post' | 'put' | 'patch' | 'delete')>(
    tokens: Tokens,
    method: M,
    path: P,
    { body, at = path as string }: { body?: object; at?: string } = {},
  ): Promise<Answer<P, M>> {
    const answer = await fetch(this.url + at, {
      method: method.toUpperCase(),
      headers: { Authorization: `Bearer ${tokens.access_token}`, ...(body instanceof FormData ? {} : { 'Content-Type': 'application/json' }) },
      body: body instanceof FormData ? body : body && JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text}`)
    return (text ? JSON.parse(text) : null) as Answer<P, M>
  }

  /** Nothing of the machine's own settings counts. */
  get #environment(): Record<string, string> {
    return { PATH: process.env.PATH ?? '', HOME: this.#folder, ...this.#settings }
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.removeAllListeners('exit')
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
