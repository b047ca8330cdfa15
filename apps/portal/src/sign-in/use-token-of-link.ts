import { useState } from 'react';

/** What a mail's link has behind '#', so that it's in no server's log; taken out of the address, so that it's in no history. */
export function useTokenOfLink(): string {
  const [token] = useState(() => {
    const found = location.hash.slice(1);
    history.replaceState(history.state, '', location.pathname);
    return found;
  });
  return token;
}
