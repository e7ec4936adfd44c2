export type Theme = 'system' | 'light' | 'dark'

const key = 'tmates.theme'

class Look {
  /** What was chosen on this device; the server keeps the choice for the next one. */
  theme: Theme = $state((localStorage.getItem(key) as Theme | null) ?? 'system')

  use(theme: Theme): void {
    this.theme = theme
    localStorage.setItem(key, theme)
    this.apply()
  }

  apply(): void {
    const root = document.documentElement
    if (this.theme === 'system') delete root.dataset.theme
    else root.dataset.theme = this.theme
  }
}

export const look = new Look()
