import type { SiteDetail } from '@berth/contract/site';
import { Box, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, Refused } from '../api/ask.ts';
import { useMe } from '../app/use-me.ts';
import { Icon } from '../parts/icon.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Callout, Section } from '../parts/section.tsx';
import { sayDuration } from '../parts/time.tsx';
import { OperationProgress } from '../status/operation-progress.tsx';

/** Restarts the website, after saying what that means. */
export function Restart({ site }: { site: SiteDetail }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const restart = useMutation({
    mutationFn: () =>
      ask('post', '/v1/sites/{key}/restarts', { params: { key: site.key }, body: { target: 'container' } }),
  });
  const isLimited =
    restart.error instanceof Refused && restart.error.problem.status === 429 ? restart.error : undefined;
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const begin = () => {
    close();
    restart.mutate();
  };
  if (!site.liveAt || !site.container) {
    return (
      <Section title={t('customer.website.restartTitle')}>
        <Text c="dimmed">{t('customer.website.notYet')}</Text>
      </Section>
    );
  }
  return (
    <Section title={t('customer.website.restartTitle')}>
      <Stack>
        <Text>{t('customer.website.restartText')}</Text>
        <Group>
          <Button
            ref={button}
            variant="default"
            leftSection={<Icon name="restart" size={18} />}
            disabled={me.impersonatedBy !== null}
            loading={restart.isPending}
            aria-expanded={isOpen}
            onClick={() => setOpen((was) => !was)}
          >
            {t('customer.website.restart')}
          </Button>
        </Group>
        {isOpen && <Confirm onYes={begin} onNo={close} />}
        {isLimited ? (
          <Callout tone="amber" icon="clock" title={t('state.refused')} role="alert">
            <p>
              {t('customer.website.limited', {
                wait: sayDuration((isLimited.retryAfterS ?? 600) * 1000, i18n.language),
              })}
            </p>
          </Callout>
        ) : (
          <Refusal error={restart.error} title={t('customer.website.failed')} />
        )}
        {restart.data && <OperationProgress key={restart.data.id} initial={restart.data} />}
      </Stack>
    </Section>
  );
}

/** What a restart means, and the button that begins it. */
function Confirm({ onYes, onNo }: { onYes(): void; onNo(): void }) {
  const { t } = useTranslation();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onNo();
  };
  return (
    <Box role="group" aria-label={t('customer.website.confirmTitle')} onKeyDown={onKeyDown}>
      <Callout tone="amber" icon="restart" title={t('customer.website.confirmTitle')}>
        <p>{t('customer.website.confirmText')}</p>
        <Group mt="sm">
          <Button onClick={onYes} autoFocus>
            {t('customer.website.confirm')}
          </Button>
          <Button variant="subtle" onClick={onNo}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Callout>
    </Box>
  );
}
