import './styles/base.css'
import './styles/parts.css'
import { mount } from 'svelte'
import App from './App.svelte'

mount(App, { target: document.getElementById('app')! })

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    if (data?.type === 'open') location.hash = String(data.hash)
  })
  navigator.serviceWorker.register('./worker.js').catch(() => {}) // pages without TLS have none
}
