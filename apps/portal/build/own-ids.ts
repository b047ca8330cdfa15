import type { Plugin } from 'vite';

const LIBRARYS = /@mantine\/hooks\/esm\/use-id\/use-id\.mjs$/;
const OURS = `import { useId as useReactsId } from 'react';
export function useId(given) {
  const id = useReactsId();
  return typeof given === 'string' ? given : id;
}
`;

/**
 * Has the library's fields keep the ids that React gives them. The library's own are others after the first drawing, for which each page with a
 * field is drawn twice before its first paint, with all its effects in between: a phone takes no taps meanwhile.
 */
export function ownIds(): Plugin {
  let isMet = false;
  return {
    name: 'own-ids',
    enforce: 'pre',
    transform(_code, id) {
      if (!LIBRARYS.test(id.split('?')[0] ?? '')) return;
      isMet = true;
      return { code: OURS, map: null };
    },
    buildEnd(error) {
      if (!error && !isMet) this.error('the library has its ids from elsewhere now: own-ids.ts names the file');
    },
  };
}
