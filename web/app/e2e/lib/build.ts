import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The program that is tried. */
    program: string
  }
}

/** Builds the program as it is released, with the web app that is in the tree. */
export default function build(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tmates-browser-'))
  const program = join(folder, 'tmates')
  const root = new URL('../../../..', import.meta.url).pathname
  execFileSync('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', program, '.'], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } })
  project.provide('program', program)
  return () => rmSync(folder, { recursive: true })
}
