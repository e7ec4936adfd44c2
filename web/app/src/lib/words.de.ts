import { flat } from './words.svelte'

export default flat(import.meta.glob<{ default: Record<string, string> }>('../locales/de/*.json', { eager: true }))
