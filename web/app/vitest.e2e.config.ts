import { defineConfig } from 'vitest/config'

// The browser tests: `npm run e2e`, and with the mode "bench" the figures of `make bench-ui`. They run one after the other, for the sake of
// small machines and of the times that are measured.
export default defineConfig(({ mode }) => ({
  test: {
    include: [mode === 'bench' ? 'e2e/*.bench.ts' : 'e2e/*.journey.ts'],
    environment: 'node',
    globalSetup: 'e2e/lib/build.ts',
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: mode === 'bench' ? 300_000 : 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
  },
}))
