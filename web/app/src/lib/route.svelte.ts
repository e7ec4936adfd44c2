/**
 * Where the person is: the part of the address behind #, as in #/pinboard/weekly-numbers. Behind # it shadows no
 * address of the server and works below any path.
 */
class Route {
  /** The parts between the slashes, decoded. The first names the surface. */
  parts: string[] = $state.raw(partsOf(location.hash))

  constructor() {
    addEventListener('hashchange', () => (this.parts = partsOf(location.hash)))
  }

  get surface(): string {
    return this.parts[0] ?? 'chat'
  }

  /** What stands behind the surface, for example the id of a thread. */
  get rest(): string[] {
    return this.parts.slice(1)
  }
}

export const route = new Route()

/** The address of a place, for links. */
export function link(...parts: string[]): string {
  return '#/' + parts.map(encodeURIComponent).join('/')
}

/** Goes to a place; with `replace` the one before is not gone back to. */
export function go(hash: string, replace = false): void {
  if (!replace) location.hash = hash
  else {
    history.replaceState(null, '', hash)
    route.parts = partsOf(hash)
  }
}

function partsOf(hash: string): string[] {
  return hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .map((part) => {
      try {
        return decodeURIComponent(part)
      } catch {
        return part
      }
    })
}
