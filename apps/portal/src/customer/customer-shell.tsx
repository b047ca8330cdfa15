import { UnstyledButton } from '@mantine/core';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Preferences } from '../app/preferences.tsx';
import { useMe } from '../app/use-me.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Logo } from '../parts/logo.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { useOnDemand } from '../parts/use-on-demand.ts';
import classes from './customer-shell.module.css';
import { OthersEyes } from './others-eyes.tsx';
import { OwnLive } from './own-live.tsx';

const pages = [
  { name: 'domain', to: '/my/$key/domain', icon: 'globe' },
  { name: 'website', to: '/my/$key/website', icon: 'monitor' },
  { name: 'visitors', to: '/my/$key/visitors', icon: 'chart' },
  { name: 'protection', to: '/my/$key/protection', icon: 'shield' },
  { name: 'contact', to: '/my/$key/contact', icon: 'bell' },
] as const satisfies readonly { name: string; to: string; icon: IconName }[];

/** Around a customer's pages: whose website it is, and its parts; on a phone these are at the bottom, where the thumb is. */
export function CustomerShell() {
  const { t } = useTranslation();
  const me = useMe();
  const { key } = useParams({ strict: false });
  return (
    <div className={classes.shell}>
      {me.impersonatedBy && <OthersEyes email={me.user.email} />}
      <header className={classes.header}>
        <div className={classes.bar}>
          <Logo label={t('app.name')} />
          {key !== undefined && <Site current={key} />}
          <span className={classes.space} />
          <Preferences me={me} />
        </div>
        {key !== undefined && <Pages current={key} />}
      </header>
      <main id="content" tabIndex={-1} className={classes.main}>
        <OwnLive>
          <Outlet />
        </OwnLive>
        {me.supportEmail && <Help address={me.supportEmail} site={key} />}
      </main>
    </div>
  );
}

/** Whom to ask when a page says to write to us. */
function Help({ address, site }: { address: string; site: string | undefined }) {
  const { t } = useTranslation();
  const subject = site === undefined ? '' : `?subject=${encodeURIComponent(site)}`;
  return (
    <p className={classes.help}>
      {t('customer.help')} <a href={`mailto:${address}${subject}`}>{address}</a>
    </p>
  );
}

function Pages({ current }: { current: string }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.pages} aria-label={t('customer.nav.label')}>
      {pages.map(({ name, to, icon }) => (
        <Link key={name} to={to} params={{ key: current }} className={classes.page}>
          <Icon name={icon} />
          <span>{t(`customer.nav.${name}`)}</span>
        </Link>
      ))}
    </nav>
  );
}

const loadMenu = async () => (await import('./site-menu.tsx')).SiteMenu;

/** Which website it is about; with more than one, the way to the others. */
function Site({ current }: { current: string }) {
  const { t } = useTranslation();
  const { sites } = useMe();
  const { part: SiteMenu, reach } = useOnDemand(loadMenu);
  const name = sites.find((site) => site.key === current)?.domain;
  const shown = name ? toUnicode(name) : current;
  if (sites.length < 2) return <strong className={classes.site}>{shown}</strong>;
  const button = {
    className: classes.siteButton,
    'aria-label': `${t('customer.nav.choose')}: ${shown}`,
    children: (
      <>
        <strong className={classes.site}>{shown}</strong>
        <Icon name="chevronDown" size={16} />
      </>
    ),
  };
  if (SiteMenu) return <SiteMenu pages={pages} target={<UnstyledButton {...button} />} />;
  return <UnstyledButton {...button} aria-haspopup="menu" aria-expanded={false} {...reach} />;
}
