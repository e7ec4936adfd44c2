/// <reference lib="webworker" />
// The service worker: the app opens without a network, and shows that there is
// none. It keeps the page and its assets only; nothing that a person wrote.
declare const self: ServiceWorkerGlobalScope

const shell = 'shell-1'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.add(new Request('./', { cache: 'reload' }))).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== shell).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  const url = new URL(request.url)
  const path = url.pathname.slice(new URL(self.registration.scope).pathname.length)
  if (url.origin !== self.location.origin) return
  if (request.mode === 'navigate' && path === '') event.respondWith(fresh(request))
  else if (path.startsWith('assets/')) event.respondWith(kept(request))
})

/** The page as the server has it, or as it was last seen. */
async function fresh(request: Request): Promise<Response> {
  const cache = await caches.open(shell)
  try {
    const answer = await fetch(request)
    if (answer.ok) await cache.put('./', answer.clone())
    return answer
  } catch (err) {
    const old = await cache.match('./')
    if (old) return old
    throw err
  }
}

/** An asset never changes under its name. Those of older pages are dropped when there are many. */
async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(shell)
  const old = await cache.match(request)
  if (old) return old
  const answer = await fetch(request)
  if (answer.ok) {
    await cache.put(request, answer.clone())
    const keys = await cache.keys()
    for (const key of keys.slice(1, Math.max(keys.length - 80, 1))) await cache.delete(key)
  }
  return answer
}

// A click on a notification opens the thread it is about.
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const hash = String(event.notification.data?.hash ?? '')
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(async (windows) => {
      const open = windows[0]
      if (!open) return void (await self.clients.openWindow('./' + hash))
      await open.focus()
      open.postMessage({ type: 'open', hash })
    }),
  )
})

export {}
