import type { Me } from '@berth/contract/identity';
import { ActionIcon } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icon.tsx';
import { useOnDemand } from '../parts/use-on-demand.ts';

const load = async () => (await import('./preferences-menu.tsx')).PreferencesMenu;

/** Language, colours, and for who has signed in the way out. */
export function Preferences({ me }: { me?: Me }) {
  const { t } = useTranslation();
  const { part: PreferencesMenu, reach } = useOnDemand(load);
  const label = t('preferences.account');
  const icon = <Icon name={me ? 'user' : 'language'} />;
  if (PreferencesMenu) {
    return <PreferencesMenu me={me} target={<ActionIcon aria-label={label}>{icon}</ActionIcon>} />;
  }
  return (
    <ActionIcon aria-label={label} aria-haspopup="menu" aria-expanded={false} {...reach}>
      {icon}
    </ActionIcon>
  );
}
