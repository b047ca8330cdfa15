import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/ask.ts';
import { may, useMe } from '../../app/use-me.ts';
import { Icon } from '../../parts/icon.tsx';
import { Refusal } from '../../parts/refusal.tsx';

/** Shows the portal with the eyes of a site's customer, to admins, after saying what that means. All that was read as somebody else is forgotten. */
export function SeeAsCustomer({ customer }: { customer: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const [isOpen, dialog] = useDisclosure();
  const begin = useMutation({
    mutationFn: () => ask('post', '/v1/impersonation', { body: { customer } }),
    onSuccess: () => location.assign('/my'),
  });
  if (!may(me, 'admin')) return null;
  return (
    <>
      <Button variant="default" leftSection={<Icon name="user" size={18} />} onClick={dialog.open}>
        {t('console.eyes.button')}
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title={t('console.eyes.title', { customer })} centered>
        <Stack>
          <Text>{t('console.eyes.text')}</Text>
          <Refusal error={begin.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={dialog.close}>
              {t('action.cancel')}
            </Button>
            <Button data-autofocus loading={begin.isPending} onClick={() => begin.mutate()}>
              {t('console.eyes.begin')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
