/**
 * Work that is asked for often and done at most once in `wait` milliseconds: at once when it was quiet, and once
 * more after the last call.
 */
export function paced(work: () => void, wait: number): { run: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  let again = false
  function tick() {
    timer = null
    if (again) run()
  }
  function run() {
    again = timer !== null
    if (again) return
    timer = setTimeout(tick, wait)
    work()
  }
  return { run, stop: () => (timer !== null && clearTimeout(timer), (timer = null), (again = false)) }
}
