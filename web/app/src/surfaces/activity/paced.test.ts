import assert from 'node:assert/strict'
import { test, vi } from 'vitest'
import { paced } from './paced'

test('a rush is done once at once and once afterwards, and then it is quiet', () => {
  vi.useFakeTimers()
  let done = 0
  const { run } = paced(() => done++, 1000)
  for (let n = 0; n < 50; n++) run()
  assert.equal(done, 1)
  vi.advanceTimersByTime(1000)
  assert.equal(done, 2)
  vi.advanceTimersByTime(60_000)
  assert.equal(done, 2)
  assert.equal(vi.getTimerCount(), 0)
  vi.useRealTimers()
})

test('what was stopped is not done any more', () => {
  vi.useFakeTimers()
  let done = 0
  const { run, stop } = paced(() => done++, 1000)
  run()
  run()
  stop()
  vi.advanceTimersByTime(5000)
  assert.equal(done, 1)
  vi.useRealTimers()
})
