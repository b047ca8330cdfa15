import { useState } from 'react';

/**
 * Something that most visits don't need, such as a menu: fetched when somebody reaches for its button, and shown once they press it.
 * @returns what was fetched, once it's wanted; `reach` goes to the button that stands in its place until then
 */
export function useOnDemand<Part>(load: () => Promise<Part>) {
  const [part, setPart] = useState<Part>();
  const fetchIt = () => void load().catch(() => undefined);
  // Without a network the button does nothing, and the next press tries again.
  const show = () => void load().then(setShown, () => undefined);
  const setShown = (found: Part) => setPart(() => found);
  return { part, reach: { onPointerEnter: fetchIt, onFocus: fetchIt, onClick: show } };
}
