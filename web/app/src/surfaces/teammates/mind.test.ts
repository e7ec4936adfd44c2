import assert from 'node:assert'
import { test } from 'vitest'
import type { Schema } from '../../api/client'
import { mindOf } from './mind'

const provider = (name: string, part: Partial<Schema<'Provider'>> = {}): Schema<'Provider'> => ({
  ...{ name, type: 'openai', host: 'localhost:8080', model: 'small', source: 'saved', default: false, key_set: false },
  ...{ vision: false, context_window: 0, concurrency: 1, problem: null, last_use: null },
  ...part,
})
const known = { default: 'home', providers: [provider('home'), provider('cloud', { problem: 'No key' })] }

test('who names no provider is answered by the default one', () => {
  const mind = mindOf({}, known)
  assert.equal(mind.kind, 'model')
  assert.deepEqual(mind.providers, [{ name: 'home', model: 'small', host: 'localhost:8080', problem: '' }])
  assert.equal(mindOf(null, { default: null, providers: [] }).kind, 'unconnected')
})

test('the manifest chooses providers and a model', () => {
  const mind = mindOf({ brain: { kind: 'composite', provider: 'cloud', model: 'large', fallbacks: ['home', 'gone', 'cloud'] } }, known)
  assert.equal(mind.kind, 'composite')
  assert.deepEqual(mind.providers.map((one) => [one.name, one.model, one.problem]), [['cloud', 'large', 'No key'], ['home', 'small', '']])
  assert.deepEqual([mind.missing, mind.wanted], [['gone'], 'cloud · large'])
})

test('rules ask nobody, and what is not told stays open', () => {
  assert.deepEqual(mindOf({ brain: { kind: 'rules', provider: 'home' } }, known), { kind: 'rules', providers: [], missing: [], wanted: '' })
  assert.deepEqual(mindOf({ brain: { model: 'large' } }, null), { kind: 'untold', providers: [], missing: [], wanted: 'large' })
})
