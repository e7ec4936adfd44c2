/** What keys do, as the sheet of shortcuts lists it. Keys of a chord are pressed together, chords one after the other. */
export type Shortcut = { keys: string[][]; text: string }

const mac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '')
const control = mac ? '⌘' : 'Ctrl'
const option = mac ? '⌥' : 'Alt'

const place = (key: string, text: string): Shortcut => ({ keys: [['G'], [key]], text: `shortcuts.go.${text}` })

/** By the headings of the sheet. What sends is a setting of the person. */
export function shortcuts(sendWith: 'enter' | 'ctrl_enter'): { title: string; rows: Shortcut[] }[] {
  const send = sendWith === 'enter' ? [['Enter']] : [[control, 'Enter']]
  const line = sendWith === 'enter' ? [['Shift', 'Enter']] : [['Enter']]
  return [
    {
      title: 'shortcuts.anywhere',
      rows: [
        { keys: [[control, 'K']], text: 'shortcuts.search' },
        { keys: [['?']], text: 'shortcuts.help' },
        { keys: [['Esc']], text: 'shortcuts.escape' },
      ],
    },
    {
      title: 'shortcuts.go',
      rows: [place('M', 'chat'), place('T', 'teammates'), place('P', 'pinboard'), place('F', 'files'), place('A', 'activity'), place('S', 'settings')],
    },
    {
      title: 'shortcuts.messages',
      rows: [
        { keys: [[option, '↑']], text: 'shortcuts.previous' },
        { keys: [[option, '↓']], text: 'shortcuts.next' },
        { keys: send, text: 'shortcuts.send' },
        { keys: line, text: 'shortcuts.line' },
        { keys: [['@']], text: 'shortcuts.mention' },
      ],
    },
  ]
}
