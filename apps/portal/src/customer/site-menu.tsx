import { Menu } from '@mantine/core';
import { useMatchRoute, useNavigate } from '@tanstack/react-router';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../app/use-me.ts';
import { OpenedMenu } from '../parts/opened-menu.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { wordOfSite } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';

type Page = `/my/$key/${'domain' | 'website' | 'visitors' | 'protection' | 'contact'}`;

/** The customer's websites; who chooses another one stays on the same of its `pages`. */
export function SiteMenu({
  pages,
  target,
}: {
  pages: readonly { to: Page }[];
  target: ComponentProps<typeof OpenedMenu>['target'];
}) {
  const { t } = useTranslation();
  const { sites } = useMe();
  const matches = useMatchRoute();
  const navigate = useNavigate();
  const here = pages.find(({ to }) => matches({ to }))?.to ?? '/my/$key/website';
  return (
    <OpenedMenu position="bottom-start" target={target}>
      <Menu.Label>{t('customer.nav.sites')}</Menu.Label>
      {sites.map((site) => (
        <Menu.Item
          key={site.key}
          rightSection={<StatusPill word={wordOfSite(site)} />}
          onClick={() => void navigate({ to: here, params: { key: site.key } })}
        >
          {site.domain ? toUnicode(site.domain) : site.key}
        </Menu.Item>
      ))}
    </OpenedMenu>
  );
}
