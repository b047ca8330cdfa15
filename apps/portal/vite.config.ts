import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { firstFiles } from './build/first-files.ts';
import { partStyles } from './build/part-styles.ts';

const apiUrl = process.env.BERTH_URL ?? 'http://127.0.0.1:8080';

/** The built page is served by the API, which puts a nonce of its own in place of `__CSP_NONCE__` each time. */
export default defineConfig(({ command }) => {
  // Whatever a test or a shell says: React's development build is three times as large, and asks for more of its runtime.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: import.meta.dirname,
    plugins: [react(), partStyles(), firstFiles(), compressed()],
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
          codeSplitting: {
            groups: [
              // All that every page needs, whichever it is: a round trip less on a slow line for each file that isn't.
              { name: 'first', tags: ['$initial'], test: /node_modules|apps\/portal\/src\/(?!main\.tsx)/, priority: 2 },
              // What places menus and lists comes with those, not before the first paint.
              {
                name: 'shared',
                test: /node_modules\/(?!@floating-ui)|apps\/portal\/src/,
                minShareCount: 8,
                priority: 1,
              },
              { name: 'common', test: /apps\/portal\/src/, minShareCount: 4 },
            ],
          },
        },
      },
    },
    server: { port: 5173, proxy: { '/v1': { target: apiUrl, changeOrigin: false } } },
  };
});

/** Writes each script and style compressed too: once here, in place of each time that it's asked for. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir = '' }) {
      const assets = path.join(dir, 'assets');
      for (const name of readdirSync(assets).filter((one) => /\.(?:js|css)$/.test(one))) {
        const file = path.join(assets, name);
        const bytes = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}
