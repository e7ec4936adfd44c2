import assert from 'node:assert/strict'
import { test } from 'vitest'
import { errorOf, type Job, secondsOf, taskOf, threadOf, usedOf } from './job'

const job = (part: Partial<Job> = {}): Job => ({
  id: '1',
  auth_user_id: null,
  agent_key: 'adam',
  status: 'running',
  payload: {},
  metadata: {},
  result: null,
  error: null,
  progress: null,
  created_at: null,
  updated_at: null,
  started_at: null,
  finished_at: null,
  ...part,
})

test('a job says what for, and where', () => {
  const said = job({ payload: { cli_args: { message: ' hello ' }, thread_id: 'p' }, metadata: { thread_id: 't' } })
  assert.equal(taskOf(said), 'hello')
  assert.equal(threadOf(said), 't')
  assert.equal(taskOf(job({ payload: { task: 'count' } })), 'count')
  assert.equal(taskOf(job({ payload: { cli_args: 7 } })), '')
  assert.equal(threadOf(job()), null)
})

test('only a job that asked a model has used something', () => {
  const usage = { model: 'small', prompt_tokens: 10, completion_tokens: 5 }
  assert.deepEqual(usedOf(job({ result: { metadata: { usage } } })), { model: 'small', tokens: 15, cost: null, currency: null })
  assert.equal(usedOf(job({ result: { metadata: { steps: 1 } } })), null)
})

test('the clock of a job stops with it', () => {
  const started_at = '2026-03-01T10:00:00Z'
  const now = Date.parse('2026-03-01T10:01:00Z')
  assert.equal(secondsOf(job({ started_at }), now), 60)
  assert.equal(secondsOf(job({ started_at, finished_at: '2026-03-01T10:00:02.500Z', status: 'succeeded' }), now), 2.5)
  assert.equal(secondsOf(job({ started_at, status: 'cancelled' }), now), null)
  assert.equal(secondsOf(job(), now), null)
})

test('an error is a sentence, and the rest of it', () => {
  assert.deepEqual(errorOf(job({ error: { message: 'No.', error_type: 'X' } })), { text: 'No.', details: '{\n  "error_type": "X"\n}' })
  assert.equal(errorOf(job()), null)
})
