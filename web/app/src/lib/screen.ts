import { MediaQuery } from 'svelte/reactivity'

/** Whether the page is as narrow as on a phone; the styles draw the line at the same width. */
export const narrow = new MediaQuery('(max-width: 720px)')
