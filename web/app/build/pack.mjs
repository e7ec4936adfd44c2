// Compresses the files of ../dist, so that nothing is compressed while the
// server runs. What got smaller is kept compressed only; the server unpacks it
// for the rare client that reads neither form.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('../../dist/', import.meta.url).pathname
const packs = /\.(html|js|css|svg|webmanifest|json|txt)$/

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name)
  if (!statSync(path).isFile() || !packs.test(name)) continue
  const plain = readFileSync(path)
  const br = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } })
  const gz = gzipSync(plain, { level: 9 })
  if (gz.length >= plain.length * 0.9) continue
  writeFileSync(`${path}.gz`, gz)
  if (br.length < gz.length) writeFileSync(`${path}.br`, br)
  rmSync(path)
}
