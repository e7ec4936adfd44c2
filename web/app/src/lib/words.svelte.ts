// The words of the app. Each language is a folder of locales/ with one file for a surface; a text may hold {names}, and
// the forms of a countable thing end in the categories of Intl.PluralRules: `members_one`, `members_other`.
type Words = Record<string, string>

const english = flat(import.meta.glob<{ default: Words }>('../locales/en/*.json', { eager: true }))
const others: Record<string, () => Promise<Words>> = {
  de: async () => (await import('./words.de')).default,
}

/** The languages by their code, each in its own name. */
export const languages: Record<string, string> = { en: 'English', de: 'Deutsch' }

class Language {
  code = $state('en')
  words: Words = $state.raw(english)
  #plurals = $derived(new Intl.PluralRules(this.code))

  /** Speaks a language; `system` is what the browser prefers, and unknown ones are English. */
  async use(wanted: string): Promise<void> {
    const code = wanted === 'system' ? (navigator.languages.map((l) => l.slice(0, 2)).find((l) => l in languages) ?? 'en') : wanted
    const load = others[code]
    const words = load ? { ...english, ...(await load()) } : english
    this.words = words
    this.code = load ? code : 'en'
    document.documentElement.lang = this.code
  }

  plural(n: number): string {
    return this.#plurals.select(n)
  }
}

export const language = new Language()

/** The text of a key, with values in the place of its names. `count` chooses the plural form. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const { words } = language
  const form = typeof values.count === 'number' ? words[`${key}_${language.plural(values.count)}`] ?? words[`${key}_other`] : undefined
  const text = form ?? words[key] ?? key
  return text.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name]
    return value === undefined ? all : typeof value === 'number' ? value.toLocaleString(language.code) : value
  })
}

export function flat(files: Record<string, { default: Words }>): Words {
  return Object.assign({}, ...Object.values(files).map((file) => file.default))
}
