import { Box, Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useMe } from '../app/use-me.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { useReturnFocus } from '../parts/use-return-focus.ts';
import { type Word, wordOfSite } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';
import { operatorPages } from './pages.ts';
import classes from './palette.module.css';
import { useSites } from './use-sites.ts';

const MOST_SITES = 8;

interface Choice {
  id: string;
  label: string;
  note?: string;
  icon: IconName;
  word?: Word;
  go(): void;
}

/** Jumps to any page or site by a few letters of it. */
export function Palette({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  useReturnFocus();
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const choices = useChoices(q.trim(), onClose);
  const chosen = choices[Math.min(at, choices.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      setAt((was) => (was + by + choices.length) % Math.max(1, choices.length));
    } else if (event.key === 'Enter') chosen?.go();
  };
  return (
    <Modal opened onClose={onClose} title={t('operator.palette.title')} size="lg" yOffset="10vh">
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
        aria-label={t('operator.palette.title')}
        placeholder={t('operator.palette.placeholder')}
        leftSection={<Icon name="search" size={18} />}
        value={q}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setQ(event.currentTarget.value);
          setAt(0);
        }}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t('operator.palette.title')} className={classes.list}>
        {choices.map((choice) => (
          <Box
            key={choice.id}
            id={`${id}-${choice.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === chosen}
            className={classes.choice}
            onClick={choice.go}
          >
            <Icon name={choice.icon} size={18} />
            <span className={classes.label}>{choice.label}</span>
            {choice.note && <span className={classes.note}>{choice.note}</span>}
            {choice.word && <StatusPill word={choice.word} />}
          </Box>
        ))}
      </div>
      {choices.length === 0 && <p className={classes.none}>{t('operator.palette.nothing')}</p>}
    </Modal>
  );
}

function useChoices(q: string, onClose: () => void): Choice[] {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const { sites: found, isPlaceholderData } = useSites(q ? { q } : {});
  // Until the answer is there, those of the letters before stand for it: whoever is quick must not get to another site.
  const sites = isPlaceholderData ? found.filter((site) => isLike(site, q)) : found;
  const pages = operatorPages
    .filter((page) => page.scope === undefined || may(me, page.scope))
    .map(({ name, to, icon }) => ({ id: name, label: t(`operator.nav.${name}`), icon, to }))
    .filter(({ label }) => label.toLowerCase().includes(q.toLowerCase()));
  const going = (go: () => Promise<void>) => () => {
    onClose();
    void go();
  };
  const ofSites = sites.slice(0, MOST_SITES).map(
    (site): Choice => ({
      id: `site-${site.key}`,
      label: site.domain ? toUnicode(site.domain) : site.key,
      note: site.orderId ?? site.customer,
      icon: 'globe',
      word: wordOfSite(site),
      go: going(() => navigate({ to: '/ops/sites/$key', params: { key: site.key } })),
    }),
  );
  const ofPages = pages.map(({ to, ...page }): Choice => ({ ...page, go: going(() => navigate({ to })) }));
  return q ? [...ofSites, ...ofPages] : [...ofPages, ...ofSites];
}

/** Whether the letters are in what a site is searched by and shown with. */
function isLike({ key, domain, orderId, customer }: ReturnType<typeof useSites>['sites'][number], q: string): boolean {
  const letters = q.toLowerCase();
  return [key, domain, domain && toUnicode(domain), orderId, customer].some((text) =>
    text?.toLowerCase().includes(letters),
  );
}
