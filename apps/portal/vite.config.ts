import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { firstFiles } from './build/first-files.ts';
import { ownIds } from './build/own-ids.ts';
import { partStyles } from './build/part-styles.ts';

const apiUrl = process.env.BERTH_URL ?? 'http://127.0.0.1:8080';

/** What places menus and lists, and what scrolls: large, and first needed by a hand. */
const OF_FEW =
  /@floating-ui|ScrollArea|ModalBase|InlineInput|infiniteQuery|\/(?:react-remove-scroll|react-style-singleton|use-callback-ref|use-sidecar)/;

/** The built page is served by the API, which puts a nonce of its own in place of `__CSP_NONCE__` each time. */
export default defineConfig(({ command }) => {
  // Whatever a test or a shell says: React's development build is three times as large, and asks for more of its runtime.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: import.meta.dirname,
    plugins: [react(), ownIds(), partStyles(), firstFiles(), compressed()],
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
              // All that every page needs, whichever it is, in two files of a size: each file is a round trip on a slow line, and a line shares
              // itself among what is fetched at once. What others wrote changes seldom, and is kept for longer by itself.
              {
                name: 'react',
                tags: ['$initial'],
                test: /node_modules\/(?:react|react-dom|scheduler)\//,
                priority: 3,
              },
              { name: 'first', tags: ['$initial'], test: /node_modules|apps\/portal\/src\/(?!main\.tsx)/, priority: 2 },
              // What several pages are made of, in one file.
              { name: 'shared', test: isShared, minShareCount: 4, priority: 1 },
              { name: 'status', test: /apps\/portal\/src\/(?:status|api\/(?:site-events|use-read-events))/ },
            ],
          },
        },
      },
    },
    server: { port: 5173, proxy: { '/v1': { target: apiUrl, changeOrigin: false } } },
  };
});

const isShared = (id: string) => /node_modules|apps\/portal\/src/.test(id) && !OF_FEW.test(id);

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
