import type { Me } from '@berth/contract/identity';
import { Menu, useMantineColorScheme } from '@mantine/core';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { languages, speak } from '../i18n/start.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { OpenedMenu } from '../parts/opened-menu.tsx';
import { signOut } from './sign-out.ts';

const schemes = [
  { value: 'auto', icon: 'monitor' },
  { value: 'light', icon: 'sun' },
  { value: 'dark', icon: 'moon' },
] as const satisfies readonly { value: string; icon: IconName }[];

const names = { de: 'Deutsch', en: 'English' } as const;

/** What the button with the person on it opens. */
export function PreferencesMenu({
  me,
  target,
}: {
  me: Me | undefined;
  target: ComponentProps<typeof OpenedMenu>['target'];
}) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const mark = (is: boolean) => (is ? <Icon name="check" size={16} /> : undefined);
  return (
    <OpenedMenu position="bottom-end" width={250} target={target}>
      {me && <Menu.Label>{me.user.name ? `${me.user.name} · ${me.user.email}` : me.user.email}</Menu.Label>}
      <Menu.Label>{t('preferences.language')}</Menu.Label>
      {languages.map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          leftSection={<Icon name="language" size={16} />}
          rightSection={mark(i18n.language === language)}
          onClick={() => void speak(language, true)}
        >
          {names[language]}
        </Menu.Item>
      ))}
      <Menu.Label>{t('preferences.scheme')}</Menu.Label>
      {schemes.map(({ value, icon }) => (
        <Menu.Item
          key={value}
          leftSection={<Icon name={icon} size={16} />}
          rightSection={mark(colorScheme === value)}
          onClick={() => setColorScheme(value)}
        >
          {t(`preferences.${value}`)}
        </Menu.Item>
      ))}
      {me && (
        <>
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="logout" size={16} />} onClick={() => void signOut(me.user.role)}>
            {t('action.signOut')}
          </Menu.Item>
        </>
      )}
    </OpenedMenu>
  );
}
