/** Builds the interface: one bundle of plain files under dist/renderer, which the hub serves with a strict CSP. */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hub = `http://127.0.0.1:${process.env['PORCHLIGHT_PORT'] ?? '7480'}`;

export default defineConfig({
  root: at('renderer'),
  publicDir: at('renderer/public'),
  plugins: [react(), tailwindcss()],
  resolve: { alias: [{ find: /^#core\//, replacement: `${at('core')}/` }] },
  build: {
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL would need a wider CSP than 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: '127.0.0.1',
    port: 7481,
    strictPort: true,
    // The hub checks Host and Origin: the proxy speaks to it under its own name.
    proxy: { '/api': { target: hub, changeOrigin: true, ws: true, headers: { origin: hub } } },
  },
});
