import { useEffect } from 'react';

/** Names the page in the browser's tab, and to who hears it. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Berth`;
  }, [title]);
}
