import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const apiUrl = process.env.BERTH_URL ?? 'http://127.0.0.1:8080';

/** The built page is served by the API, which puts a nonce of its own in place of `__CSP_NONCE__` each time. */
export default defineConfig(({ command }) => {
  // Whatever a test or a shell says: React's development build is three times as large, and asks for more of its runtime.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: import.meta.dirname,
    plugins: [react()],
    html: { cspNonce: '__CSP_NONCE__' },
    build: {
      target: 'es2022',
      outDir: 'dist',
      emptyOutDir: true,
      manifest: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        output: {
          // Few files in place of dozens of tiny ones: what most pages use is fetched once.
          advancedChunks: {
            groups: [
              { name: 'library', test: /node_modules/, minShareCount: 8 },
              { name: 'common', test: /apps\/portal\/src/, minShareCount: 4 },
            ],
          },
        },
      },
    },
    server: { port: 5173, proxy: { '/v1': { target: apiUrl, changeOrigin: false } } },
  };
});
