import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { Section } from '../parts/section.tsx';

interface Props<T> {
  title: string;
  note?: string;
  /** what has come of a list that is read page by page */
  found: {
    data: { pages: readonly { data: readonly T[] }[] } | undefined;
    error: Error | null;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage(): Promise<unknown>;
  };
  children(all: readonly T[]): ReactNode;
}

/** A list as far as it was read, with a button for its next page; or that it's still to come, or why it doesn't. */
export function PagedSection<T>({ title, note, found, children }: Props<T>) {
  const { t } = useTranslation();
  if (!found.data) return found.error ? <BrokenPage error={found.error} /> : <Loading />;
  return (
    <Section title={title} {...(note !== undefined && { note })}>
      {children(found.data.pages.flatMap((page) => page.data))}
      {found.hasNextPage && (
        <Button variant="subtle" mt="xs" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t('action.more')}
        </Button>
      )}
    </Section>
  );
}
