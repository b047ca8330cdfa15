import type { Operation } from '@berth/contract/operation';
import type { SiteDetail } from '@berth/contract/site';
import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/ask.ts';
import { may, useMe } from '../../app/use-me.ts';
import { Icon } from '../../parts/icon.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useReturnFocus } from '../../parts/use-return-focus.ts';
import { OperationProgress } from '../../status/operation-progress.tsx';

type Action = 'container' | 'tunnel' | 'confirm' | 'remove';

function askFor(action: Action, site: SiteDetail): Promise<Operation> {
  const params = { key: site.key };
  switch (action) {
    case 'confirm':
      return ask('post', '/v1/sites/{key}/confirmations', { params, body: {} });
    case 'remove':
      return ask('delete', '/v1/sites/{key}', { params, body: { domain: site.domain } });
    default:
      return ask('post', '/v1/sites/{key}/restarts', { params, body: { target: action } });
  }
}

/** What an operator can do to a site; each says what it means before it begins, and then how far it is. */
export function Actions({ site }: { site: SiteDetail }) {
  const { t } = useTranslation();
  const me = useMe();
  const [chosen, choose] = useState<Action>();
  const action = useMutation({ mutationFn: (one: Action) => askFor(one, site), onSettled: () => choose(undefined) });
  if (!may(me, 'sites:write') || site.goneAt) return null;
  const needsConfirmation = site.conditions.some((one) => one.reason === 'ZoneAlreadyActive');
  return (
    <Stack gap="sm">
      <Group gap="sm">
        {site.container && (
          <Button variant="default" leftSection={<Icon name="restart" size={18} />} onClick={() => choose('container')}>
            {t('operator.site.restartContainer')}
          </Button>
        )}
        {needsConfirmation && may(me, 'operator') && (
          <Button leftSection={<Icon name="check" size={18} />} onClick={() => choose('confirm')}>
            {t('operator.site.confirmZone')}
          </Button>
        )}
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <Button variant="default" rightSection={<Icon name="chevronDown" size={16} />}>
              {t('operator.site.actions')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {site.tunnel && (
              <Menu.Item leftSection={<Icon name="restart" size={17} />} onClick={() => choose('tunnel')}>
                {t('operator.site.restartTunnel')}
              </Menu.Item>
            )}
            {site.wanted !== 'deleted' && (
              <Menu.Item
                leftSection={<Icon name="cross" size={17} />}
                c="var(--berth-red-fg)"
                onClick={() => choose('remove')}
              >
                {t('operator.site.remove')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <Refusal error={action.error} />
      {action.data && <OperationProgress key={action.data.id} initial={action.data} />}
      {chosen && (
        <Confirm
          action={chosen}
          site={site}
          isPending={action.isPending}
          onConfirm={() => action.mutate(chosen)}
          onCancel={() => choose(undefined)}
        />
      )}
    </Stack>
  );
}

interface ConfirmProps {
  action: Action;
  site: SiteDetail;
  isPending: boolean;
  onConfirm(): void;
  onCancel(): void;
}

const titles = {
  container: 'restartContainer',
  tunnel: 'restartTunnel',
  confirm: 'confirmZone',
  remove: 'remove',
} as const;
const texts = { container: 'confirmContainer', tunnel: 'confirmTunnel', confirm: 'confirmZoneText' } as const;

function Confirm({ action, site, isPending, onConfirm, onCancel }: ConfirmProps) {
  useReturnFocus();
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const wanted = site.domain ?? site.key;
  const isRemoval = action === 'remove';
  const text = isRemoval
    ? t(site.domain ? 'operator.site.removeText' : 'operator.site.removeTextNoDomain')
    : t(`operator.site.${texts[action]}`);
  return (
    <Modal opened onClose={onCancel} title={t(`operator.site.${titles[action]}`)} centered>
      <Stack>
        <Text>{text}</Text>
        {isRemoval && (
          <TextInput
            data-autofocus
            label={wanted}
            value={typed}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
          <Button
            {...(isRemoval ? { color: 'red.9' } : { 'data-autofocus': true })}
            loading={isPending}
            disabled={isRemoval && typed.trim() !== wanted}
            onClick={onConfirm}
          >
            {isRemoval ? t('operator.site.removeConfirm') : t(`operator.site.${titles[action]}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
