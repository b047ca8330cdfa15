import type { SiteHealth } from '@berth/contract/health';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { healthQuery } from '../../api/queries.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { Empty, Section } from '../../parts/section.tsx';
import { Ago, Moment, sayMoment } from '../../parts/time.tsx';
import { Pill, type Tone } from '../../status/status-pill.tsx';
import { useReason } from '../../status/use-reason.ts';
import { type BeatTone, toBar, toneOf } from './beats.ts';
import classes from './health-card.module.css';

/** The last ninety checks at a glance, how each part stands, and what went wrong lately. */
export function HealthCard({ siteKey }: { siteKey: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(healthQuery(siteKey));
  return (
    <Section title={t('operator.site.health')}>
      {data ? (
        data.beats.length === 0 && data.aspects.length === 0 ? (
          <Empty icon="clock" title={t('operator.site.healthNone')}>
            <p>{t('operator.site.healthNoneText')}</p>
          </Empty>
        ) : (
          <div className={classes.health}>
            <Bar beats={data.beats} />
            <Aspects aspects={data.aspects} />
            <Incidents incidents={data.incidents} />
          </div>
        )
      ) : (
        <Refusal error={error} />
      )}
    </Section>
  );
}

const beatTexts = { green: 'beatGood', amber: 'beatWarn', red: 'beatBad', grey: 'beatNone' } as const;

function Bar({ beats }: { beats: SiteHealth['beats'] }) {
  const { t, i18n } = useTranslation();
  const say = (tone: BeatTone) => t(`operator.site.${beatTexts[tone]}`);
  const tones = beats.map(toneOf);
  const latest = tones.at(-1);
  const label = t('operator.site.beats', {
    count: beats.length,
    bad: tones.filter((tone) => tone === 'red').length,
    latest: say(latest ?? 'grey'),
  });
  return (
    <div className={classes.bar} role="img" aria-label={label}>
      {toBar(beats).map(({ place, beat }) => {
        const tone = beat ? toneOf(beat) : undefined;
        const facts = beat && [
          sayMoment(beat.at, i18n.language),
          say(toneOf(beat)),
          beat.code ?? beat.edgeCode,
          beat.latencyMs !== null && `${beat.latencyMs} ms`,
          beat.edgeLatencyMs !== null && `${t('operator.site.edge')} ${beat.edgeLatencyMs} ms`,
          beat.error,
        ];
        return <span key={place} data-tone={tone} title={facts ? facts.filter(Boolean).join(' · ') : undefined} />;
      })}
    </div>
  );
}

const tones: Record<SiteHealth['aspects'][number]['outcome'], Tone> = {
  healthy: 'green',
  unhealthy: 'amber',
  unreachable: 'red',
  unknown: 'grey',
};
const words = { healthy: 'online', unhealthy: 'degraded', unreachable: 'offline', unknown: 'unknown' } as const;

function Aspects({ aspects }: { aspects: SiteHealth['aspects'] }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  return (
    <ul className={classes.aspects}>
      {aspects.map((one) => (
        <li key={one.aspect}>
          <div className={classes.aspect}>
            <strong>{t(`operator.aspect.${one.aspect}`)}</strong>
            <Pill tone={tones[one.outcome]}>{t(`word.${words[one.outcome]}`)}</Pill>
          </div>
          {one.reason && <Text fz="sm">{reasonOf(one.reason)}</Text>}
          {one.reason && one.message && (
            <Text c="dimmed" fz="sm">
              {one.message}
            </Text>
          )}
          <Text c="dimmed" fz="sm">
            {[
              one.word,
              one.code,
              one.latencyMs !== null && `${one.latencyMs} ms`,
              one.connections !== null && `${one.connections} × edge`,
            ]
              .filter(Boolean)
              .join(' · ')}
            {' · '}
            <Ago at={one.checkedAt} />
          </Text>
          {one.restarts.length > 0 && (
            <Text c="dimmed" fz="sm">
              {t('operator.site.restarts')}: {one.restarts.length}, <Ago at={one.restarts[0]?.at ?? one.checkedAt} />
            </Text>
          )}
        </li>
      ))}
    </ul>
  );
}

function Incidents({ incidents }: { incidents: SiteHealth['incidents'] }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  if (incidents.length === 0) {
    return (
      <Text c="dimmed" fz="sm">
        {t('operator.site.noIncidents')}
      </Text>
    );
  }
  return (
    <ul className={classes.incidents}>
      {incidents.map((one) => (
        <li key={`${one.openedAt} ${one.kind}`}>
          <Pill tone={one.closedAt ? 'grey' : 'red'} icon="alert">
            {reasonOf(one.reason)}
          </Pill>
          <span>{one.message}</span>
          <Text span c="dimmed" fz="sm">
            <Moment at={one.openedAt} />
            {one.closedAt && (
              <>
                {' – '}
                <Moment at={one.closedAt} />
              </>
            )}
          </Text>
        </li>
      ))}
    </ul>
  );
}
