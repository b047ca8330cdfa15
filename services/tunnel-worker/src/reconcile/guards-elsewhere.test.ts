import { describe, expect, test } from 'vitest';
import { findGuardsElsewhere, tellGuardsElsewhere } from './guards-elsewhere.ts';

const hostnames = ['mustermann.de', 'www.mustermann.de'];
const pathsOf = (...guarded: string[]) =>
  findGuardsElsewhere([{ name: 'theirs', hostnames: guarded }], hostnames).map(({ path }) => path);

describe('findGuardsElsewhere', () => {
  test.each(['mustermann.de/admin', 'www.mustermann.de/a/b', '*.mustermann.de/admin', 'mustermann.de/*', '*.de/x'])(
    'finds %s',
    (path) => expect(pathsOf(path)).toEqual([path]),
  );

  test.each([
    ['whole host names, which are no path', 'mustermann.de', 'www.mustermann.de/', '*.mustermann.de'],
    ['paths of other host names', 'shop.mustermann.de/admin', 'xmustermann.de/admin', 'mustermann-de/admin'],
    ['what is no public name', '{"type":"private","hostname":"mustermann.de/admin"}'],
  ])('leaves out %s', (_what, ...guarded) => expect(pathsOf(...guarded)).toEqual([]));
});

describe('tellGuardsElsewhere', () => {
  test('names the application and the path, says what it means and what to do', () => {
    const said = tellGuardsElsewhere([{ name: 'Wiki', path: 'mustermann.de/wiki' }]);
    expect(said).toContain('guard mustermann.de/wiki (application “Wiki”) in place of');
    expect(said).toContain('their policies alone');
    expect(said).toContain('Remove them at Cloudflare');
  });

  test('says how many more there are', () => {
    const many = Array.from({ length: 7 }, (_, n) => ({ name: `app ${n}`, path: `mustermann.de/${n}` }));
    expect(tellGuardsElsewhere(many)).toContain('mustermann.de/4 (application “app 4”) and 2 more in place');
  });
});
