import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

const TYPING_MS = 250;

/**
 * What is typed into filters, and the search that follows once typing pauses. Where the search comes to be empty without having been
 * typed so, what was typed goes too, and what was about to follow from it.
 * @param onSearch told what is looked for now
 * @returns what stands in the filters, and how to say what was typed into one; texts are looked for without spaces around them
 */
export function useTypedSearch<Search extends { [Field in keyof Search]?: string }>(
  search: Search,
  onSearch: (search: Search) => void,
) {
  const [typed, type] = useState(search);
  const isEmpty = Object.keys(search).length === 0;
  const isToldEmpty = useRef(isEmpty);
  const look = useDebouncedCallback((wish: Search) => {
    isToldEmpty.current = Object.keys(wish).length === 0;
    onSearch(wish);
  }, TYPING_MS);
  useEffect(() => {
    if (!isEmpty || isToldEmpty.current) return;
    isToldEmpty.current = true;
    look.cancel();
    type({} as Search);
  }, [isEmpty, look]);
  function set(field: keyof Search & string, text: string): void {
    const all = { ...typed, [field]: text };
    type(all);
    look(withoutEmpty(all));
  }
  return [typed, set] as const;
}

function withoutEmpty<Search extends object>(typed: Search): Search {
  const texts = Object.entries(typed).map(([field, text]) => [field, text.trim()] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== '')) as Search;
}
