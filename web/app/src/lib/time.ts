import { language } from './words.svelte'

export { dateOf } from './date'

/** Hours and minutes. */
export function clock(at: Date): string {
  return format({ hour: '2-digit', minute: '2-digit' }, at)
}

/** Today, yesterday, a weekday of the last days, or the date. */
export function day(at: Date, now = new Date()): string {
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days === 0 || days === 1) return capital(new Intl.RelativeTimeFormat(language.code, { numeric: 'auto' }).format(-days, 'day'))
  if (days > 1 && days < 7) return format({ weekday: 'long' }, at)
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  return format({ day: 'numeric', month: 'long', year }, at)
}

/** The clock today, else the day: for lists. */
export function brief(at: Date, now = new Date()): string {
  if (midnight(at) === midnight(now)) return clock(at)
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days < 7 && days > 0) return format({ weekday: 'short' }, at)
  return format({ day: 'numeric', month: 'short' }, at)
}

/** The whole of it, for titles. */
export function full(at: Date): string {
  return format({ dateStyle: 'full', timeStyle: 'short' }, at)
}

/** Seconds as people say them: 8 s, 3 min, 2 h. */
export function span(seconds: number): string {
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : seconds < 3600 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour']
  return new Intl.NumberFormat(language.code, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 && unit === 'second' ? 1 : 0 }).format(value)
}

/** Bytes as people say them. */
export function bytes(n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  const step = Math.min(Math.floor(Math.log10(Math.max(n, 1)) / 3), 3)
  return new Intl.NumberFormat(language.code, { style: 'unit', unit: units[step], unitDisplay: step ? 'short' : 'long', maximumFractionDigits: step > 1 ? 1 : 0 }).format(n / 1000 ** step)
}

// A formatter takes far longer to make than to use, and a thread shows thousands of times.
const formats = new Map<string, Intl.DateTimeFormat>()

function format(options: Intl.DateTimeFormatOptions, at: Date): string {
  const key = language.code + JSON.stringify(options)
  let made = formats.get(key)
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(language.code, options)))
  return made.format(at)
}

const midnight = (d: Date): number => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
const capital = (text: string): string => text.charAt(0).toLocaleUpperCase(language.code) + text.slice(1)
