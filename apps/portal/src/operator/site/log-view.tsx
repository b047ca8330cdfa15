import type { LogLine } from '@berth/contract/logs';
import { Box, Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icon.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Empty, Section } from '../../parts/section.tsx';
import { Moment } from '../../parts/time.tsx';
import { Pill } from '../../status/status-pill.tsx';
import classes from './log-view.module.css';
import { useLog } from './use-log.ts';

const TYPING_MS = 300;
const LINE_PX = 21;
const BEYOND = 30;
const AT_END_PX = 40;

/** What the site's container and tunnel write: followed until somebody scrolls back, searchable, to be taken along. */
export function LogView({ siteKey }: { siteKey: string }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const [source, setSource] = useState<'container' | 'tunnel'>();
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(false);
  const { lines, error, isOpen } = useLog(siteKey, { source, search, follow });
  return (
    <Section
      title={t('operator.site.logs')}
      aside={<Pill tone={isOpen ? 'green' : 'grey'}>{t(isOpen ? 'operator.site.live' : 'operator.site.paused')}</Pill>}
    >
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          aria-label={t('operator.site.searchLogs')}
          placeholder={t('operator.site.searchLogs')}
          leftSection={<Icon name="search" size={17} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label={t('operator.site.source')}
          value={source ?? ''}
          data={[
            { value: '', label: t('operator.site.allSources') },
            { value: 'container', label: t('operator.aspect.container') },
            { value: 'tunnel', label: t('operator.aspect.tunnel') },
          ]}
          onChange={(event) =>
            setSource((['container', 'tunnel'] as const).find((one) => one === event.currentTarget.value))
          }
        />
        <Checkbox
          label={t('operator.site.follow')}
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
        <Checkbox
          label={t('operator.site.wrap')}
          checked={wrap}
          onChange={(event) => setWrap(event.currentTarget.checked)}
        />
        <Button variant="default" disabled={!lines?.length} onClick={() => download(siteKey, lines ?? [])}>
          {t('operator.site.download')}
        </Button>
      </div>
      <Refusal error={error} />
      {lines?.length === 0 && (
        <Empty icon="list" title={t('operator.site.noLogs')}>
          <p>{t('operator.site.noLogsText')}</p>
        </Empty>
      )}
      {lines && lines.length > 0 && (
        <Lines
          lines={lines}
          wrap={wrap}
          follow={follow}
          onPause={() => setFollow(false)}
          onFollow={() => setFollow(true)}
        />
      )}
    </Section>
  );
}

interface LinesProps {
  lines: readonly LogLine[];
  wrap: boolean;
  follow: boolean;
  onPause(): void;
  onFollow(): void;
}

function Lines({ lines, wrap, follow, onPause, onFollow }: LinesProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: BEYOND,
    getItemKey: (index) => lines[index]?.id ?? index,
  });
  const newest = lines.at(-1)?.id;
  useEffect(() => {
    if (follow && newest !== undefined) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, newest, lines.length, rows]);
  const onWheel = () => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = box.current ?? {};
    if (follow && scrollHeight - scrollTop - clientHeight > AT_END_PX) onPause();
  };
  return (
    <div className={classes.frame}>
      <Box
        ref={box}
        role="log"
        className={classes.box}
        aria-label={t('operator.site.logLabel')}
        tabIndex={0}
        onWheel={onWheel}
        onTouchMove={onWheel}
        onKeyUp={onWheel}
      >
        <div style={{ position: 'relative', height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, key }) => {
            const line = lines[index];
            return (
              line && (
                <div
                  key={key}
                  ref={rows.measureElement}
                  data-index={index}
                  className={classes.line}
                  data-wrap={wrap || undefined}
                  data-stream={isRoutine(line) ? undefined : line.stream}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <Moment at={line.at} />
                  <span className={classes.source}>{line.source}</span>
                  <span>{line.line}</span>
                </div>
              )
            );
          })}
        </div>
      </Box>
      {!follow && (
        <Button className={classes.newest} size="compact-sm" onClick={onFollow}>
          {t('operator.site.newLines')}
        </Button>
      )}
    </div>
  );
}

/** cloudflared writes what merely happens to the same stream as what fails. */
const isRoutine = ({ source, line }: LogLine) => source === 'tunnel' && /\b(?:INF|DBG)\b/.test(line);

function download(siteKey: string, lines: readonly LogLine[]): void {
  const text = lines.map(({ at, source, stream, line }) => `${at} ${source} ${stream} ${line}\n`).join('');
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${siteKey}.log`;
  link.click();
  URL.revokeObjectURL(address);
}
