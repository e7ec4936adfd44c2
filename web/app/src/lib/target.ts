/**
 * Where a link of a text leads: into the app, to another address of this server, to the web, or to a mail program.
 * `path` is that of a file of the person's folder.
 */
export type Target = { kind: 'app' | 'own' | 'web' | 'mail'; href: string; host: string; path?: string }

const files = ['/v1/files/download/', '/v1/files/view/']

/** The target of what an author wrote, seen from the app's address (no slash at its end), or null when it is not to be followed. */
export function target(written: string, base: string): Target | null {
  let url: URL
  try {
    url = new URL(written.trim().replaceAll('&amp;', '&'), base + '/')
  } catch {
    return null
  }
  if (url.protocol === 'mailto:') return { kind: 'mail', href: url.href, host: '' }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  const home = new URL(base + '/')
  if (url.origin !== home.origin || url.username) return { kind: 'web', href: url.href, host: url.host }
  const path = fileOf(url.pathname, home.pathname)
  if (path) return { kind: 'app', href: '#/files/' + path.split('/').map(encodeURIComponent).join('/'), host: path.split('/').at(-1)!, path }
  if (url.pathname === home.pathname && !url.search && url.hash.startsWith('#/')) return { kind: 'app', href: url.hash, host: url.host }
  return { kind: 'own', href: url.href, host: url.host }
}

/** The path of a file in the person's folder; an author may write the server's paths without those of the app. */
function fileOf(pathname: string, home: string): string | undefined {
  for (const prefix of files) {
    const start = pathname.startsWith(prefix) ? prefix : home.slice(0, -1) + prefix
    if (!pathname.startsWith(start) || pathname === start) continue
    try {
      return decodeURIComponent(pathname.slice(start.length))
    } catch {
      return undefined
    }
  }
  return undefined
}
