import { Button, VisuallyHidden } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/ask.ts';
import { Icon } from '../../parts/icon.tsx';
import { Refusal } from '../../parts/refusal.tsx';

/** Has one step looked at now, instead of when its time has come. */
export function RetryStep({ siteKey, aspect, name }: { siteKey: string; aspect: string; name: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () =>
      ask('post', '/v1/sites/{key}/conditions/{aspect}/retries', { params: { key: siteKey, aspect }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['site', siteKey] }),
  });
  return (
    <div>
      <Button
        variant="subtle"
        px={8}
        mt={2}
        leftSection={<Icon name={retry.isSuccess ? 'check' : 'restart'} size={16} />}
        loading={retry.isPending}
        onClick={() => retry.mutate()}
      >
        <span aria-live="polite">{t(retry.isSuccess ? 'console.retry.asked' : 'console.retry.button')}</span>
        <VisuallyHidden> {name}</VisuallyHidden>
      </Button>
      <Refusal error={retry.error} />
    </div>
  );
}
