import DOMPurify from 'dompurify'

// What our own Markdown makes, and nothing else.
const config = {
  ALLOWED_TAGS: 'p br hr h3 h4 h5 h6 ul ol li blockquote strong em del code pre span div table thead tbody tr th td a button input'.split(' '),
  ALLOWED_ATTR: 'href target rel title class role tabindex aria-label type disabled checked start align data-copy data-path'.split(' '),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#\/)/i,
}

/** HTML without anything that the app's Markdown does not make. */
export function sanitise(html: string): string {
  return DOMPurify.sanitize(html, config)
}
