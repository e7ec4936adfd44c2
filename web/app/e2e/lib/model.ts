import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Message = { role: string; content: string | null; tool_calls?: unknown[] }
type Asked = { messages: Message[]; max_tokens?: number; max_completion_tokens?: number; tools?: { function: { name: string } }[] }

/** A request for an answer, which the test writes piece by piece. */
export class Turn {
  readonly asked: Asked
  /** Whoever asked does not listen any more. */
  readonly gone: Promise<unknown>
  readonly #response: ServerResponse

  constructor(asked: Asked, response: ServerResponse) {
    this.asked = asked
    this.#response = response
    this.gone = once(response, 'close')
  }

  /** What was said last, with everything that stands around it. */
  get question(): string {
    return this.asked.messages.findLast(({ role }) => role === 'user')?.content ?? ''
  }

  say(...pieces: string[]): this {
    for (const content of pieces) this.#send({ choices: [{ index: 0, delta: { role: 'assistant', content } }] })
    return this
  }

  end(reason = 'stop'): void {
    this.#send({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })
    const read = Math.ceil(JSON.stringify(this.asked.messages).length / 3) // fewer would mean that something was cut off
    this.#send({ choices: [], usage: { prompt_tokens: read, completion_tokens: 20, total_tokens: read + 20 } })
    this.#response.end('data: [DONE]\n\n')
  }

  /** Asks for a tool; what it answers comes with the next request. */
  use(name: string, args: object): void {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name, arguments: JSON.stringify(args) } }
    this.#send({ choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] } }] })
    this.end('tool_calls')
  }

  /** Refuses; to be called instead of all others. */
  refuse(status: number, message: string): void {
    this.#response.writeHead(status, { 'Content-Type': 'application/json' })
    this.#response.end(JSON.stringify({ error: { message, type: 'error' } }))
  }

  /** Breaks off, as a model does that fell over. */
  cut(): void {
    this.#response.destroy()
  }

  #send(chunk: object): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    this.#response.write(`data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'scripted', ...chunk })}\n\n`)
  }
}

/** A model that says what the test tells it to. It speaks the Chat Completions protocol. */
export class Model {
  url = ''
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #turns: Turn[] = []
  readonly #waiting: ((turn: Turn) => void)[] = []

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** The next request for an answer. */
  next(): Promise<Turn> {
    const turn = this.#turns.shift()
    if (turn) return Promise.resolve(turn)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nobody asked the model')), 30_000)
      this.#waiting.push((next) => {
        clearTimeout(timer)
        resolve(next)
      })
    })
  }

  /** Requests that came and were not taken. */
  get pending(): number {
    return this.#turns.length
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith('/models')) {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model', owned_by: 'test' }] }))
      return
    }
    let body = ''
    for await (const part of request) body += part
    const asked = JSON.parse(body) as Asked
    const turn = new Turn(asked, response)
    // Whoever connects a model asks it for a word or two.
    if ((asked.max_tokens ?? asked.max_completion_tokens ?? 100) <= 16) return turn.say('Yes').end()
    const waiting = this.#waiting.shift()
    if (waiting) waiting(turn)
    else this.#turns.push(turn)
  }
}
