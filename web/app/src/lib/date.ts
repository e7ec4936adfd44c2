/** A time of the API as a date; it has microseconds, which not every browser reads. */
export function dateOf(text: string): Date {
  return new Date(text.replace(/(\.\d{3})\d+/, '$1'))
}
