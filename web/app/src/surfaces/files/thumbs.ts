import { bytesOf } from './folder.svelte'

/** Bytes above which a picture is not worth a thumbnail, and how many are fetched at a time. */
export const heaviest = 6_000_000
const lanes = 4

let running = 0
const waiting: (() => void)[] = []

/** The address of a picture for as long as `signal` is not aborted. */
export async function thumbnail(path: string, signal: AbortSignal): Promise<string | null> {
  if (running >= lanes) await new Promise<void>((go) => waiting.push(go))
  running++
  try {
    if (signal.aborted) return null
    const data = await bytesOf(path, signal)
    if (signal.aborted) return null
    const address = URL.createObjectURL(data)
    signal.addEventListener('abort', () => URL.revokeObjectURL(address), { once: true })
    return address
  } finally {
    running--
    waiting.shift()?.()
  }
}
