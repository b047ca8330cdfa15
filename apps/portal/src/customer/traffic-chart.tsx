import type { SiteTraffic } from '@berth/contract/traffic';
import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './traffic-chart.module.css';

/** What a bar stands for: visitors, or requests where the plan doesn't count visitors. */
export const measureOf = (traffic: SiteTraffic) => (traffic.totals.visitors === null ? 'requests' : 'visitors');

const DAY_MS = 86_400_000;

/** Every day of the time that was asked for, also those of which nothing is known. */
export function daysOf(traffic: SiteTraffic): { at: string; count: number }[] {
  const measure = measureOf(traffic);
  const known = new Map(traffic.data.map((one) => [Date.parse(one.at), one[measure] ?? 0]));
  const first = Math.floor(Date.parse(traffic.from) / DAY_MS) * DAY_MS;
  const days = Math.ceil((Date.parse(traffic.to) - first) / DAY_MS);
  return Array.from({ length: days }, (_, index) => first + index * DAY_MS).map((ms) => ({
    at: new Date(ms).toISOString(),
    count: known.get(ms) ?? 0,
  }));
}

/** One bar a day; the same as a table, for who wants figures or hears the page. */
export function TrafficChart({ traffic }: { traffic: SiteTraffic }) {
  const { t, i18n } = useTranslation();
  const measure = measureOf(traffic);
  const number = new Intl.NumberFormat(i18n.language);
  const day = new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const bars = daysOf(traffic).map(({ at, count }) => ({ at, day: day.format(new Date(at)), count }));
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <>
      <div className={classes.bars} aria-hidden="true">
        {bars.map((bar) => (
          <div key={bar.at} className={classes.bar} title={`${bar.day}: ${number.format(bar.count)}`}>
            <span className={classes.fill} style={{ height: `${(100 * bar.count) / most}%` }} />
          </div>
        ))}
      </div>
      <div className={classes.ends} aria-hidden="true">
        <span>{bars[0]?.day}</span>
        <span>{bars.at(-1)?.day}</span>
      </div>
      <details className={classes.table}>
        <summary>{t('customer.visitors.table')}</summary>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('customer.visitors.day')}</Table.Th>
              <Table.Th scope="col">{t(`customer.visitors.${measure}`)}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bars.toReversed().map((bar) => (
              <Table.Tr key={bar.at}>
                <Table.Td>{bar.day}</Table.Td>
                <Table.Td>{number.format(bar.count)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </>
  );
}
