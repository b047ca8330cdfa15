import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPortal } from './build-portal.ts';

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

/** What a page may take to be loaded for the first time. */
const MOST_BYTES = 250_000;
/** What stands before the first paint, whatever the page. */
const MOST_STYLE_BYTES = 20_000;
const BASE = ['index.html', 'src/i18n/de.ts'];
const shells = { customer: 'src/customer/pages.ts', operator: 'src/operator/operator-shell.tsx' };

describe('buildPortal', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'berth-portal-'));
  let manifest: Record<string, Chunk> = {};
  beforeAll(async () => {
    await buildPortal(out);
    manifest = JSON.parse(readFileSync(path.join(out, 'portal/.vite/manifest.json'), 'utf8'));
  });
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  const scriptsOf = (entry: string, found = new Set<string>()): Set<string> => {
    const chunk = manifest[entry];
    if (!chunk) throw new Error(`${entry} was not built`);
    if (found.has(chunk.file)) return found;
    found.add(chunk.file);
    for (const one of chunk.imports ?? []) scriptsOf(one, found);
    return found;
  };
  const bytesOf = (entries: readonly string[]) => {
    const files = new Set(entries.flatMap((entry) => [...scriptsOf(entry)]));
    return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(out, 'portal', file))).length, 0);
  };

  test('has no page whose script is more than 250 kB compressed when it is loaded first', () => {
    const pages = Object.keys(manifest).filter((name) =>
      /^src\/(?:sign-in|customer|operator)\/.*(?:page|pages|sign-in)\.tsx?$/.test(name),
    );
    expect(pages.length).toBeGreaterThan(10);
    for (const page of pages) {
      const shell = Object.entries(shells).find(([role]) => page.startsWith(`src/${role}/`))?.[1];
      const bytes = bytesOf([...BASE, ...(shell ? [shell] : []), page]);
      expect({ page, bytes, fits: bytes <= MOST_BYTES }).toMatchObject({ page, fits: true });
    }
  });

  test('loads each page by itself, and the other language not at all', () => {
    const first = scriptsOf('index.html');
    for (const page of ['src/operator/site/site-page.tsx', 'src/customer/pages.ts', 'src/i18n/en.ts']) {
      expect(first.has(manifest[page]?.file ?? '')).toBe(false);
    }
  });

  test('has only the styles that the first paint needs before it', () => {
    const page = readFileSync(path.join(out, 'portal/index.html'), 'utf8');
    const linked = [...page.matchAll(/rel="stylesheet"[^>]*href="\/(assets\/[^"]+)"/g)].map(([, file]) => file ?? '');
    expect(linked.length).toBeGreaterThan(0);
    const styles = linked.map((file) => readFileSync(path.join(out, 'portal', file)));
    expect(styles.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0)).toBeLessThan(MOST_STYLE_BYTES);
    // Whichever comes first says in which order the library's styles hold.
    for (const style of styles) expect(style.toString()).toMatch(/^@layer mantine\.baseline,/);
  });

  test('tells early.js which files a page and a language will ask for', () => {
    const page = readFileSync(path.join(out, 'portal/index.html'), 'utf8');
    const { files, pages, languages } = JSON.parse(/data-first='([^']+)'/.exec(page)?.[1] ?? '');
    const filesFor = (address: string): string[] => {
      const found = pages.find(([pattern]: [string]) => new RegExp(pattern).test(address));
      return found[1].map((at: number) => files[at]);
    };
    const isThere = new Set(readdirSync(path.join(out, 'portal/assets')).map((file) => `assets/${file}`));
    expect(files.filter((file: string) => !isThere.has(file))).toEqual([]);
    for (const [address, source] of [
      ['/sign-in', 'src/sign-in/customer-sign-in.tsx'],
      ['/my/shop/domain', 'src/customer/pages.ts'],
      ['/ops', 'src/operator/home-page.tsx'],
      ['/ops/orders', 'src/operator/operator-shell.tsx'],
    ] as const) {
      const { file = '', css = [] } = manifest[source] ?? {};
      expect(filesFor(address)).toEqual(expect.arrayContaining([file, ...css]));
    }
    expect(filesFor('/ops/orders')).not.toContain(manifest['src/operator/home-page.tsx']?.file);
    expect(files[languages.de[0]]).toBe(manifest['src/i18n/de.ts']?.file);
  });

  test('has no script and no style in the page itself, and leaves a place for the nonce', () => {
    const page = readFileSync(path.join(out, 'portal/index.html'), 'utf8');
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=/);
    expect(page).toContain('__CSP_NONCE__');
  });

  test('gives a field the id that it keeps, so that no page is drawn a second time for it', () => {
    const assets = path.join(out, 'portal/assets');
    const code = readdirSync(assets).map((file) => readFileSync(path.join(assets, file), 'utf8'));
    expect(code.filter((text) => /mantine-.{0,40}Math\.random\(\)/.test(text))).toEqual([]);
  });

  test('takes nothing but types of the contract', () => {
    const assets = path.join(out, 'portal/assets');
    const code = readdirSync(assets).map((file) => readFileSync(path.join(assets, file), 'utf8'));
    expect(code.some((text) => text.includes('ZodObject'))).toBe(false);
  });
});
