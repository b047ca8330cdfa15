import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Icon } from '../parts/icon.tsx';
import { Refusal } from '../parts/refusal.tsx';
import classes from './others-eyes.module.css';

/** Above all pages while an admin sees them with the eyes of a customer, with the way back. */
export function OthersEyes({ email }: { email: string }) {
  const { t } = useTranslation();
  const end = useMutation({
    mutationFn: () => ask('delete', '/v1/impersonation', {}),
    onSuccess: () => location.assign('/ops'),
  });
  return (
    <div className={classes.banner} role="status">
      <Icon name="user" size={18} />
      <span>{t('impersonation', { email })}</span>
      <Button variant="default" loading={end.isPending} onClick={() => end.mutate()}>
        {t('console.eyes.end')}
      </Button>
      <Refusal error={end.error} />
    </div>
  );
}
