// Builds the app into a temporary folder and compares it with ../dist, form by
// form. The compressed bytes may differ from one version of Node to the next, so
// the texts are compared.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { build } from 'vite'

const unpack = { '.br': brotliDecompressSync, '.gz': gunzipSync }

/** The files of a folder by name, in each form that is stored. */
function files(folder) {
  const all = new Map()
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name)
    if (!statSync(path).isFile()) continue
    const ending = /\.(br|gz)$/.exec(name)?.[0] ?? ''
    const plain = name.slice(0, name.length - ending.length)
    const content = readFileSync(path)
    all.set(plain, [...(all.get(plain) ?? []), ending ? unpack[ending](content) : content])
  }
  return all
}

const fresh = mkdtempSync(join(tmpdir(), 'tmates-ui-'))
try {
  await build({ logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } })
  const built = files(fresh)
  const kept = files(new URL('../../dist/', import.meta.url).pathname)
  const names = [...new Set([...built.keys(), ...kept.keys()])].sort()
  const differ = names.filter((name) => !kept.has(name) || !built.has(name) || kept.get(name).some((content) => !content.equals(built.get(name)[0])))
  if (differ.length) {
    console.error(`web/dist is not what web/app builds; run: make ui\n  ${differ.join('\n  ')}`)
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true })
}
