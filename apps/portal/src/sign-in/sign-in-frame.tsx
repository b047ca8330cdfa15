import { Box, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../app/page-title.ts';
import { Preferences } from '../app/preferences.tsx';
import { Logo } from '../parts/logo.tsx';
import classes from './sign-in-frame.module.css';

interface Props {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** below the card */
  footer?: ReactNode;
}

/** The card in the middle of a page on which somebody signs in. */
export function SignInFrame({ title, text, children, footer }: Props) {
  const { t } = useTranslation();
  usePageTitle(title);
  return (
    <div className={classes.page}>
      <Group component="header" justify="space-between" className={classes.head}>
        <Logo label={t('app.name')} />
        <Preferences />
      </Group>
      <main id="content" tabIndex={-1} className={classes.main}>
        <Box className={classes.card}>
          <Stack gap="lg">
            <div>
              <Title order={1}>{title}</Title>
              {text && (
                <Text c="dimmed" mt={6}>
                  {text}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Box>
        {footer && <div className={classes.footer}>{footer}</div>}
      </main>
    </div>
  );
}
