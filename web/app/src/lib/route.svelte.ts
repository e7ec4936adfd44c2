/**
 * Where the person is: the part of the address behind #, as in #/pinboard/weekly-numbers. Behind # it shadows no
 * address of the server and works below any path.
 */
class Route {
  /** The parts between the slashes, decoded. The first names the surface. */
  parts: string[] = $state.raw(partsOf(location.hash))

  #hash = location.hash
  #guard: ((wanted: string) => void) | null = null

  constructor() {
    addEventListener('hashchange', () => {
      const wanted = location.hash
      if (wanted === this.#hash) return
      if (this.#guard) {
        history.replaceState(null, '', this.#hash)
        return this.#guard(wanted)
      }
      this.arrive(wanted)
    })
  }

  arrive(hash: string): void {
    this.#hash = hash
    this.parts = partsOf(hash)
  }

  /** Asks before the place is left: `ask` is told where to, and nothing moves until the returned function was called. */
  hold(ask: (wanted: string) => void): () => void {
    this.#guard = ask
    return () => {
      if (this.#guard === ask) this.#guard = null
    }
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
    route.arrive(hash)
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
