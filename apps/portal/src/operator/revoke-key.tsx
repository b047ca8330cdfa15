import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';

/** Revokes a key, after saying what that means. */
export function RevokeKey({ apiKey: { id, name } }: { apiKey: { id: string; name: string } }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isOpen, dialog] = useDisclosure();
  const revoke = useMutation({
    mutationFn: () => ask('delete', '/v1/api-keys/{keyId}', { params: { keyId: id } }),
    onSuccess: () => {
      dialog.close();
      void client.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  return (
    <>
      <Button variant="default" onClick={dialog.open} aria-label={`${t('console.keys.revoke')}: ${name}`}>
        {t('console.keys.revoke')}
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title={t('console.keys.revokeTitle', { name })} centered>
        <Stack>
          <Text>{t('console.keys.revokeText')}</Text>
          <Refusal error={revoke.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={dialog.close}>
              {t('action.cancel')}
            </Button>
            <Button color="red.9" loading={revoke.isPending} onClick={() => revoke.mutate()}>
              {t('console.keys.revoke')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
