import { Button, Code, Drawer, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { deliveryQuery } from '../api/queries.ts';
import { may, useMe } from '../app/use-me.ts';
import { Icon } from '../parts/icon.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Callout, Facts } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import { useReturnFocus } from '../parts/use-return-focus.ts';
import { DeliveryPill } from './delivery-pill.tsx';

/** One message to one place, with what it says, and sending it again. */
export function DeliveryDrawer({ deliveryId, onClose }: { deliveryId: string; onClose(): void }) {
  const { t } = useTranslation();
  useReturnFocus();
  const me = useMe();
  const client = useQueryClient();
  const { data, error } = useQuery(deliveryQuery(deliveryId));
  const again = useMutation({
    mutationFn: () => ask('post', '/v1/deliveries/{deliveryId}/attempts', { params: { deliveryId }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['deliveries'] }),
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={data?.kind ?? t('operator.deliveries.title')}>
      {data ? (
        <Stack>
          <Facts
            facts={[
              [t('operator.deliveries.stateLabel'), <DeliveryPill key="state" state={data.state} />],
              [t('operator.deliveries.channel'), t(`operator.deliveries.${data.channel}`)],
              [t('operator.deliveries.target'), data.target],
              [t('operator.deliveries.tries'), data.tries],
              data.answerCode !== null && [t('operator.deliveries.answer'), data.answerCode],
              data.error !== null && [t('operator.deliveries.error'), data.error],
              data.dueAt !== null && [t('operator.deliveries.due'), <Moment key="due" at={data.dueAt} />],
              [t('operator.deliveries.at'), <Moment key="at" at={data.createdAt} />],
            ]}
          />
          {may(me, 'operator') && (
            <Button
              leftSection={<Icon name="send" size={18} />}
              loading={again.isPending}
              onClick={() => again.mutate()}
            >
              {t('operator.deliveries.again')}
            </Button>
          )}
          {again.isSuccess && (
            <Callout tone="blue" icon="clock" title={t('operator.deliveries.sentAgain')} role="status" />
          )}
          <Refusal error={again.error} />
          <div>
            <Text fw={600} mb={4}>
              {t('operator.deliveries.payload')}
            </Text>
            <Code block tabIndex={0}>
              {JSON.stringify(data.payload, null, 2)}
            </Code>
          </div>
        </Stack>
      ) : (
        <Refusal error={error} />
      )}
    </Drawer>
  );
}
