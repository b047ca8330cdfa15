import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const LIBRARY = path.dirname(createRequire(import.meta.url).resolve('@mantine/core/styles.css'));
const STYLES = path.join(LIBRARY, 'styles');
/** What no part brings along: named by the page itself. */
const EVERYWHERE = ['baseline', 'default-css-variables', 'global'];

/**
 * Has each of the library's parts bring its own styles, in place of one sheet with those of all. Wherever a sheet lands and whenever it's loaded,
 * layers keep the order that the whole one had.
 */
export function partStyles(): Plugin {
  const parts = new Set(namesIn(STYLES));
  const order = `@layer ${inOrder().map(layerOf).join(',')};`;
  let isServing = false;
  return {
    name: 'part-styles',
    enforce: 'pre',
    configResolved: ({ command }) => {
      isServing = command === 'serve';
    },
    transform(code, id) {
      const [file = ''] = id.split('?');
      if (!file.startsWith(`${LIBRARY}${path.sep}`)) return;
      const name = path.basename(file).replace(/(?:\.module\.mjs|\.css)$/, '');
      if (file.endsWith('.module.mjs') && parts.has(name)) {
        return { code: `import '@mantine/core/styles/${name}.css';\n${code}`, map: null };
      }
      if (path.dirname(file) !== STYLES) return;
      return { code: `${isServing ? order : ''}@layer ${layerOf(name)} {\n${code}\n}\n`, map: null };
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        // The first sheet that names a layer gives it its place: each of those that the page itself links may be the first.
        const isFirst = new Set(stylesOfEntries(bundle));
        for (const asset of Object.values(bundle)) {
          if (asset.type === 'asset' && isFirst.has(asset.fileName)) asset.source = `${order}${asset.source}`;
        }
      },
    },
  };
}

function stylesOfEntries(bundle: Rolldown.OutputBundle): string[] {
  const seen = new Set<string>();
  const styles = (name: string): string[] => {
    const chunk = bundle[name];
    if (seen.has(name) || chunk?.type !== 'chunk') return [];
    seen.add(name);
    return [...(chunk.viteMetadata?.importedCss ?? []), ...chunk.imports.flatMap(styles)];
  };
  return Object.values(bundle).flatMap((one) => (one.type === 'chunk' && one.isEntry ? styles(one.fileName) : []));
}

const layerOf = (name: string) => `mantine.${name}`;

/** The names of all parts, those first that stand first in the whole sheet. */
function inOrder(): string[] {
  const whole = readFileSync(path.join(LIBRARY, 'styles.css'), 'utf8');
  const places = namesIn(STYLES).map((name) => ({ name, at: whole.indexOf(firstClassOf(name)) }));
  const parts = places.filter(({ name, at }) => at >= 0 && !EVERYWHERE.includes(name)).sort((a, b) => a.at - b.at);
  return [...EVERYWHERE, ...parts.map(({ name }) => name)];
}

const firstClassOf = (name: string) =>
  /\.m_\w+/.exec(readFileSync(path.join(STYLES, `${name}.css`), 'utf8'))?.[0] ?? '\0';

function namesIn(dir: string): string[] {
  const sheets = readdirSync(dir).filter((file) => file.endsWith('.css') && !file.endsWith('.layer.css'));
  return sheets.map((file) => path.basename(file, '.css'));
}
