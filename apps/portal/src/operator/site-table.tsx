import type { SiteSummary } from '@berth/contract/site';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Moment } from '../parts/time.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { wordOfSite } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';
import classes from './site-table.module.css';

const ROW_PX = 54;
const BEYOND = 12;
const columns = ['state', 'domain', 'customer', 'order', 'created', 'live'] as const;

/** A table of any number of sites, of which only those are in the page that are seen. @param onEnd called when its end comes near */
export function SiteTable({ sites, onEnd }: { sites: readonly SiteSummary[]; onEnd(): void }) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(body.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: sites.length,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    scrollMargin: top,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= sites.length - BEYOND) onEnd();
  }, [last, sites.length, onEnd]);
  return (
    <table aria-label={t('operator.sites.listLabel')} aria-rowcount={sites.length + 1} className={classes.table}>
      <thead>
        <tr aria-rowindex={1} className={`${classes.row} ${classes.head}`}>
          {columns.map((column) => (
            <th key={column} scope="col" data-column={column}>
              {t(`operator.sites.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} style={{ position: 'relative', height: rows.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const site = sites[index];
          return site && <Row key={site.key + site.createdAt} site={site} index={index} top={start - top} />;
        })}
      </tbody>
    </table>
  );
}

function Row({ site, index, top }: { site: SiteSummary; index: number; top: number }) {
  const { t } = useTranslation();
  return (
    <tr
      aria-rowindex={index + 2}
      className={`${classes.row} ${classes.body}`}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
    >
      <td data-column="state">
        <StatusPill word={wordOfSite(site)} />
      </td>
      <td data-column="domain">
        <Link to="/ops/sites/$key" params={{ key: site.key }} className={classes.link}>
          {site.domain ? toUnicode(site.domain) : site.key}
        </Link>
        {site.environment !== 'production' && <span className={classes.tag}>{site.environment}</span>}
      </td>
      <td data-column="customer">{site.customer}</td>
      <td data-column="order">{site.orderId ?? '–'}</td>
      <td data-column="created">
        <Moment at={site.createdAt} />
      </td>
      <td data-column="live">{site.liveAt ? <Moment at={site.liveAt} /> : t('operator.sites.notLive')}</td>
    </tr>
  );
}
