/** What keys do that work everywhere. */
export type Actions = { search: () => void; help: () => void; go: (surface: string) => void; step: (by: 1 | -1) => void; home: () => void }

/** Milliseconds between g and the letter of a surface. */
const patience = 1200

const surfaces: Record<string, string> = { m: 'chat', t: 'teammates', p: 'pinboard', f: 'files', a: 'activity', s: 'settings' }

/** Listens for the keys of the whole page; give it each keydown. */
export function keyboard(actions: Actions): (event: KeyboardEvent) => void {
  let leader = 0
  return (event) => {
    if (event.defaultPrevented || event.isComposing) return
    const key = event.key.toLowerCase()
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === 'k') {
      event.preventDefault()
      return actions.search()
    }
    if (document.querySelector('dialog[open]')) return
    if (event.altKey && !event.ctrlKey && !event.metaKey && (key === 'arrowup' || key === 'arrowdown')) {
      event.preventDefault()
      return actions.step(key === 'arrowup' ? -1 : 1)
    }
    if (key === 'escape') return actions.home()
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    if (key === '?') {
      event.preventDefault()
      return actions.help()
    }
    if (key === 'g') {
      leader = event.timeStamp
      return
    }
    const surface = surfaces[key]
    if (surface && leader && event.timeStamp - leader < patience) {
      event.preventDefault()
      actions.go(surface)
    }
    leader = 0
  }
}

/** Whether keys are text where they were pressed. */
function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])')
}
