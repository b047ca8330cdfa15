import type { SiteDetail } from '@berth/contract/site';
import { Button, Group, Popover, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
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
  const begin = () => {
    setOpen(false);
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
          <Popover
            opened={isOpen}
            onChange={setOpen}
            width={300}
            position="bottom-start"
            withArrow
            shadow="md"
            trapFocus
            returnFocus
          >
            <Popover.Target>
              <Button
                variant="default"
                leftSection={<Icon name="restart" size={18} />}
                disabled={me.impersonatedBy !== null}
                loading={restart.isPending}
                onClick={() => setOpen((was) => !was)}
              >
                {t('customer.website.restart')}
              </Button>
            </Popover.Target>
            <Popover.Dropdown aria-label={t('customer.website.confirmTitle')}>
              <Stack gap="sm">
                <Text fw={650}>{t('customer.website.confirmTitle')}</Text>
                <Text fz="sm">{t('customer.website.confirmText')}</Text>
                <Group>
                  <Button onClick={begin} data-autofocus>
                    {t('customer.website.confirm')}
                  </Button>
                  <Button variant="subtle" onClick={() => setOpen(false)}>
                    {t('action.cancel')}
                  </Button>
                </Group>
              </Stack>
            </Popover.Dropdown>
          </Popover>
        </Group>
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
