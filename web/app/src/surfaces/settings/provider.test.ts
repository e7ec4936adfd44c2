import assert from 'node:assert/strict'
import { test } from 'vitest'
import { draftOf, formOf, freeName } from './provider'

test('only what was filled in is sent', () => {
  const form = { ...formOf(), name: 'mine', base_url: ' http://127.0.0.1:8080/v1 ', model: 'small', deployment: 'left over' }
  assert.deepEqual(draftOf(form, false), { type: 'openai', base_url: 'http://127.0.0.1:8080/v1', model: 'small' })
})

test('a saved provider keeps its key and address unless they are typed, and vision can be taken away', () => {
  const form = { ...formOf(), name: 'mine', model: 'small' }
  assert.deepEqual(draftOf(form, true), { name: 'mine', type: 'openai', model: 'small', vision: false })
})

test('names of the new do not meet those that are there', () => {
  assert.equal(freeName('LM Studio', []), 'lm_studio')
  assert.equal(freeName('Ollama', ['ollama', 'ollama_2']), 'ollama_3')
  assert.equal(freeName('127.0.0.1', []), 'model')
  assert.equal(freeName('…', []), 'model')
})
