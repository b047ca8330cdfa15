import { ActionIcon, Drawer, Kbd, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useMatchRoute } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { overviewQuery } from '../api/queries.ts';
import { Preferences } from '../app/preferences.tsx';
import { may, useMe } from '../app/use-me.ts';
import { Icon } from '../parts/icon.tsx';
import { Logo } from '../parts/logo.tsx';
import { FleetLive, useFleetEvents, useFleetInterval } from './fleet-live.tsx';
import classes from './operator-shell.module.css';
import { operatorPages } from './pages.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));

/** Around the operators' pages: the way to all of them, and to any site by a few letters. */
export function OperatorShell() {
  const { t } = useTranslation();
  const me = useMe();
  const [isMenuOpen, menu] = useDisclosure();
  const [isPaletteOpen, palette] = useDisclosure();
  useHotkeys([['mod+K', palette.open]], []);
  // A site's page follows that site.
  const isLive = useFleetEvents(!useMatchRoute()({ to: '/ops/sites/$key' }));
  return (
    <FleetLive value={isLive}>
      <div className={classes.shell}>
        <header className={classes.header}>
          <ActionIcon className={classes.burger} aria-label={t('action.menu')} onClick={menu.open}>
            <Icon name="menu" />
          </ActionIcon>
          <Logo label={t('app.name')} />
          <UnstyledButton className={classes.jump} onClick={palette.open} aria-keyshortcuts="Control+K Meta+K">
            <Icon name="search" size={17} />
            <span>{t('operator.palette.open')}</span>
            <Kbd aria-hidden="true">{/Mac|iP/.test(navigator.platform) ? '⌘K' : 'Ctrl K'}</Kbd>
          </UnstyledButton>
          <Preferences me={me} />
        </header>
        <div className={classes.side}>
          <Pages />
        </div>
        <Drawer opened={isMenuOpen} onClose={menu.close} size={280} title={<Logo label={t('app.name')} />}>
          <Pages onChoose={menu.close} />
        </Drawer>
        <main id="content" tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
        {isPaletteOpen && (
          <Suspense>
            <Palette onClose={palette.close} />
          </Suspense>
        )}
      </div>
    </FleetLive>
  );
}

const OFTEN_MS = 5000;

function Pages({ onChoose }: { onChoose?: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const { data } = useQuery({ ...overviewQuery, refetchInterval: useFleetInterval(OFTEN_MS) });
  const count = data?.attention.length ?? 0;
  return (
    <nav className={classes.pages} aria-label={t('operator.nav.label')}>
      {operatorPages
        .filter((page) => page.scope === undefined || may(me, page.scope))
        .map(({ name, to, icon }) => (
          <Link
            key={name}
            to={to}
            activeOptions={{ exact: to === '/ops', includeSearch: false }}
            className={classes.page}
            onClick={onChoose}
          >
            <Icon name={icon} />
            <span>{t(`operator.nav.${name}`)}</span>
            {name === 'home' && count > 0 && <span className={classes.count}>{count}</span>}
          </Link>
        ))}
      <hr className={classes.line} />
      <a href="/admin/queues" className={classes.page}>
        <Icon name="list" />
        <span>{t('operator.nav.queues')}</span>
        <Icon name="external" size={15} />
      </a>
      <a href="/docs" className={classes.page}>
        <Icon name="question" />
        <span>{t('operator.nav.docs')}</span>
        <Icon name="external" size={15} />
      </a>
    </nav>
  );
}
