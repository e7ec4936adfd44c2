/** Where the server is: the folder this page came from, without a slash at its end. */
export const base = new URL('.', document.baseURI).href.replace(/\/$/, '')

/** The address of a path of the server, which begins with a slash. */
export const at = (path: string): string => base + path

/** The same for a socket. */
export const socketAt = (path: string): string => at(path).replace(/^http/, 'ws')
