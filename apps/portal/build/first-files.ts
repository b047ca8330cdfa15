import type { Plugin, Rolldown } from 'vite';

/** By the beginning of an address, or by all of it where it ends with `$`: the sources that its page is made of, beside what every page is made of. The first that fits holds. */
const PAGES = [
  ['/sign-in/link', 'src/sign-in/link-sign-in.tsx'],
  ['/sign-in/address', 'src/sign-in/address-change.tsx'],
  ['/sign-in/invitation', 'src/sign-in/invitation.tsx'],
  ['/sign-in', 'src/sign-in/customer-sign-in.tsx'],
  ['/operators', 'src/sign-in/operator-sign-in.tsx'],
  ['/my/*/visitors', 'src/customer/pages.ts', 'src/customer/visitors-page.tsx'],
  ['/my/*/protection', 'src/customer/pages.ts', 'src/customer/protection-page.tsx'],
  ['/my/*/contact', 'src/customer/pages.ts', 'src/customer/contact-page.tsx'],
  ['/my', 'src/customer/pages.ts'],
  ['/ops/sites/*/protection', 'src/operator/operator-shell.tsx', 'src/operator/site/protection-page.tsx'],
  ['/ops/sites/*', 'src/operator/operator-shell.tsx', 'src/operator/site/site-page.tsx'],
  ['/ops/sites', 'src/operator/operator-shell.tsx', 'src/operator/sites-page.tsx'],
  ['/ops$', 'src/operator/operator-shell.tsx', 'src/operator/home-page.tsx'],
  ['/ops', 'src/operator/operator-shell.tsx'],
] as const;
const LANGUAGES = ['de', 'en'] as const;

/** What `early.js` reads; files are named by their place among `files`. */
interface FirstFiles {
  files: string[];
  pages: [pattern: string, files: number[]][];
  languages: Record<string, number[]>;
}

/**
 * Tells `early.js` which files a page will ask for, so that they're fetched beside the first script and not after it has run: those of the page
 * by its address, and those of the language.
 */
export function firstFiles(): Plugin {
  return {
    name: 'first-files',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk');
        const isKnown = new Set(chunks.filter((one) => one.isEntry).flatMap((one) => filesOf(one, chunks)));
        const filesFor = (sources: readonly string[]) =>
          [...new Set(sources.flatMap((source) => filesOf(getChunk(source, chunks), chunks)))].filter(
            (file) => !isKnown.has(file),
          );
        const table: FirstFiles = { files: [], pages: [], languages: {} };
        const at = (file: string) => {
          if (!table.files.includes(file)) table.files.push(file);
          return table.files.indexOf(file);
        };
        for (const [address, ...sources] of PAGES) table.pages.push([toPattern(address), filesFor(sources).map(at)]);
        for (const language of LANGUAGES) table.languages[language] = filesFor([`src/i18n/${language}.ts`]).map(at);
        // The colours and the start are painted first; scripts come behind them on the same line.
        return html
          .replace('src="/early.js"', `src="/early.js" data-first='${JSON.stringify(table)}'`)
          .replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"');
      },
    },
  };
}

const toPattern = (address: string) => `^${address.replaceAll('*', '[^/]+')}${address.endsWith('$') ? '' : '(?:/|$)'}`;

function getChunk(source: string, chunks: readonly Rolldown.OutputChunk[]): Rolldown.OutputChunk {
  const found = chunks.find((one) => one.facadeModuleId?.endsWith(`/apps/portal/${source}`));
  if (!found) throw new Error(`${source} is no file of its own any more: first-files.ts names it`);
  return found;
}

/** A chunk, what it imports, and their styles. */
function filesOf(chunk: Rolldown.OutputChunk, chunks: readonly Rolldown.OutputChunk[], found = new Set<string>()) {
  if (found.has(chunk.fileName)) return [...found];
  found.add(chunk.fileName);
  for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
  for (const name of chunk.imports) {
    const imported = chunks.find((one) => one.fileName === name);
    if (imported) filesOf(imported, chunks, found);
  }
  return [...found];
}
