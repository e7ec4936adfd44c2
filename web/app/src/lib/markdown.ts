import { Marked, type RendererObject, type Tokens } from 'marked'
import { target } from './target.ts'

/** What the parts say that are not the author's. `image` has a {name}. */
export type Labels = { copy: string; code: string; table: string; image: string; picture: string; done: string; open: string }

/** How code is coloured: its HTML, or null when the language is not known. */
export type Paint = (code: string, language: string) => string | null

type Options = { labels: Labels; base: string; clean: (html: string) => string; paint?: Paint | null }

/** Characters above which a text is shown as it is. */
const most = 200_000
/** Blocks that are remembered. */
const kept = 600

/**
 * Turns Markdown (GFM) into HTML, block by block, so that of a growing text only the end is made anew. What the
 * author writes as HTML is text. `clean` has the last word on each block; code is coloured when `paint` is given.
 */
export class Markdown {
  readonly #options: Options
  readonly #marked: Marked
  readonly #known = new Map<string, string>()
  #growing = false

  constructor(options: Options) {
    this.#options = options
    this.#marked = new Marked({ gfm: true, breaks: true, renderer: this.#renderer(), tokenizer: { html: () => undefined, tag: () => undefined } })
  }

  /** The HTML of the blocks of a text. `growing`: more is to come, and the last block is not worth colouring yet. */
  blocks(text: string, growing = false): string[] {
    if (text.length > most) return [plain(text)]
    try {
      const tokens = this.#marked.lexer(text)
      const links = Object.keys(tokens.links).length > 0 // a block then depends on the others
      const shown = tokens.filter((token) => token.type !== 'space' && token.type !== 'def')
      return shown.map((token, n) => {
        const last = growing && n === shown.length - 1
        const found = last || links ? undefined : this.#known.get(token.raw)
        if (found !== undefined) return found
        this.#growing = last
        const html = this.#options.clean(this.#marked.parser([token]))
        if (!last && !links) this.#remember(token.raw, html)
        return html
      })
    } catch {
      return [plain(text)] // nested too deep to be followed
    }
  }

  #remember(raw: string, html: string): void {
    this.#known.set(raw, html)
    if (this.#known.size > kept) this.#known.delete(this.#known.keys().next().value!)
  }

  #renderer(): RendererObject {
    const { labels, base } = this.#options
    const code = (token: Tokens.Code) => this.#code(token)
    return {
      code,
      heading({ tokens, depth }) {
        const level = Math.min(depth + 2, 6)
        return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`
      },
      checkbox({ checked }) {
        return `<input type="checkbox" disabled${checked ? ' checked' : ''} aria-label="${escaped(checked ? labels.done : labels.open)}"> `
      },
      table(token) {
        const row = (cells: Tokens.TableCell[]) => `<tr>${cells.map((cell) => this.tablecell(cell)).join('')}</tr>`
        const body = token.rows.map(row).join('')
        const table = `<table><thead>${row(token.header)}</thead>${body && `<tbody>${body}</tbody>`}</table>`
        return `<div class="md-table" role="region" tabindex="0" aria-label="${escaped(labels.table)}">${table}</div>\n`
      },
      link({ href, title, tokens }) {
        const text = this.parser.parseInline(tokens)
        const to = target(href, base)
        return to ? anchor(to.href, to.kind === 'app' || to.kind === 'mail', text, title) : text
      },
      image({ href, title, text }) {
        const to = target(href, base)
        const name = escaped(text || title || labels.picture)
        if (!to || to.kind === 'mail') return `<span class="md-lost">${name}</span>`
        const words = escaped(labels.image.replace('{name}', () => (to.kind === 'web' ? to.host : text || to.host)))
        if (to.path !== undefined) return `<button type="button" class="md-image" data-path="${escaped(to.path)}" title="${name}">${words}</button>`
        return anchor(to.href, false, words, text || title, 'md-image')
      },
    }
  }

  #code({ text, lang }: Tokens.Code): string {
    const { labels, paint } = this.#options
    const language = /^[\w+#.-]{1,24}/.exec(lang ?? '')?.[0] ?? ''
    const html = (!this.#growing && language && paint?.(text, language)) || escaped(text)
    const bar = `<div class="md-bar"><span>${escaped(language || labels.code)}</span><button type="button" data-copy>${escaped(labels.copy)}</button></div>`
    return `<div class="md-code">${bar}<pre tabindex="0"><code>${html}\n</code></pre></div>\n`
  }
}

function anchor(href: string, here: boolean, inner: string, title?: string | null, kind = ''): string {
  const more = (kind && ` class="${kind}"`) + (title ? ` title="${escaped(title)}"` : '')
  return `<a href="${escaped(href)}"${here ? '' : ' target="_blank" rel="noopener noreferrer nofollow"'}${more}>${inner}</a>`
}

function plain(text: string): string {
  return `<p class="md-plain">${escaped(text)}</p>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as HTML, also inside quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c]!)
}
