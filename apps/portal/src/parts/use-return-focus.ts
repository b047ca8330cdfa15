import { useEffect, useState } from 'react';

/**
 * Gives the focus back, once what opened over a page is gone, to what it was opened from. For what is taken out of the page to close it: the
 * library gives the focus back only where a dialog stays there closed.
 */
export function useReturnFocus(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    },
    [opener],
  );
}
