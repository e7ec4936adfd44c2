/** What a browser says it is, as the names of a program and of a system; null where it says nothing known. */
export type Device = { program: string | null; system: string | null; phone: boolean }

// The first that fits counts: most programs also claim to be those further down.
const programs: [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOPT\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
  [/\btmates\b/i, 'tmates'],
  [/\bcurl\//, 'curl'],
  [/\bokhttp\/|\bDart\/|\bExpo\b/i, 'Tmates'],
  [/\bnode\b|\bsupabase/i, 'Node.js'],
  [/\bpython/i, 'Python'],
]
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

export function deviceOf(userAgent: string): Device {
  const find = (names: [RegExp, string][]): string | null => names.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null
  const system = find(systems)
  return { program: find(programs), system, phone: system === 'iPhone' || system === 'Android' }
}
