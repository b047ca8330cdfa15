import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Refused, Unreachable } from '../api/ask.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { sayFailure } from '../parts/say-refusal.ts';

export function Loading() {
  const { t } = useTranslation();
  return (
    <Center py={80} role="status">
      <Loader aria-label={t('state.loading')} />
    </Center>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Full icon="anchor" title={t('state.notFound')} text={t('state.notFoundText')}>
      <Button component="a" href="/">
        {t('state.toStart')}
      </Button>
    </Full>
  );
}

/** What is shown in place of a page that can't be: with what happened, and a way on. */
export function BrokenPage({ error }: { error: unknown }) {
  const { t, i18n } = useTranslation();
  const isOurs = !(error instanceof Refused || error instanceof Unreachable);
  const text = isOurs
    ? t('state.brokenText', { detail: error instanceof Error ? error.message : String(error) })
    : sayFailure({ t, i18n }, error);
  return (
    <Full icon="alert" title={t(isOurs ? 'state.broken' : 'state.refused')} text={text}>
      {!isFinal(error) && <Button onClick={() => location.reload()}>{t('state.reload')}</Button>}
      <Button component="a" href="/" variant={isFinal(error) ? 'filled' : 'default'}>
        {t('state.toStart')}
      </Button>
    </Full>
  );
}

/** Whether loading the page again can't help: it isn't there, or isn't theirs. */
const isFinal = (error: unknown) => error instanceof Refused && [403, 404].includes(error.problem.status);

function Full({
  icon,
  title,
  text,
  children,
}: {
  icon: IconName;
  title: string;
  text: string;
  children: React.ReactNode;
}) {
  return (
    <Center component="main" id="content" tabIndex={-1} px="md" py={80}>
      <Stack align="center" maw={460} ta="center" gap="sm">
        <Icon name={icon} size={44} />
        <Title order={1}>{title}</Title>
        <Text c="dimmed">{text}</Text>
        <Stack mt="sm">{children}</Stack>
      </Stack>
    </Center>
  );
}
