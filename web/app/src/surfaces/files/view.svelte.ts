import type { Order } from './file'

const key = 'tmates.files'
const orders: Order[] = ['date', 'name', 'size', 'kind']

/** How somebody likes to see their files; kept on this device. */
class View {
  shape: 'grid' | 'list' = $state('grid')
  order: Order = $state('date')
  down = $state(true)

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? '{}')
      this.shape = kept.shape === 'list' ? 'list' : 'grid'
      this.order = orders.includes(kept.order) ? kept.order : 'date'
      this.down = typeof kept.down === 'boolean' ? kept.down : true
    } catch {
      // the defaults do
    }
  }

  change(part: Partial<Pick<View, 'shape' | 'order' | 'down'>>): void {
    Object.assign(this, part)
    localStorage.setItem(key, JSON.stringify({ shape: this.shape, order: this.order, down: this.down }))
  }
}

export const view = new View()
export { orders }
