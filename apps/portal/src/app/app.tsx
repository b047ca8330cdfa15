import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { styleNonce } from './nonce.ts';
import { queryClient } from './query-client.ts';
import type { Router } from './router.tsx';
import { cssVariablesResolver, themeFor } from './theme.ts';

const schemes = localStorageColorSchemeManager({ key: 'mantine-color-scheme-value' });

export function App({ router }: { router: Router }) {
  const { t } = useTranslation();
  const close = t('action.close');
  const theme = useMemo(() => themeFor(close), [close]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
