// Writes the compressed forms beside the files of ../dist, so that nothing is
// compressed while the server runs.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('../../dist/', import.meta.url).pathname
const packs = /\.(html|js|css|svg|webmanifest|json|txt)$/

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name)
  if (!statSync(path).isFile() || !packs.test(name)) continue
  const plain = readFileSync(path)
  const packed = {
    br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    gz: gzipSync(plain, { level: 9 }),
  }
  for (const [ending, data] of Object.entries(packed)) {
    rmSync(`${path}.${ending}`, { force: true })
    if (data.length < plain.length * 0.9) writeFileSync(`${path}.${ending}`, data)
  }
}
