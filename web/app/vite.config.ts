import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// Where `make ui-dev` finds the server whose API and socket the pages use.
const server = process.env.TMATES_DEV_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: './', // the app may stand below a path
  plugins: [svelte()],
  server: { proxy: { '/v1': { target: server, ws: true }, '/auth': server, '/.well-known': server } },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy of the page allows nothing inline
    modulePreload: { polyfill: false },
    target: 'es2022',
    rollupOptions: {
      input: { app: 'index.html', worker: 'src/worker.ts' },
      output: {
        // A service worker has to keep its address.
        entryFileNames: (chunk) => (chunk.name === 'worker' ? 'worker.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
