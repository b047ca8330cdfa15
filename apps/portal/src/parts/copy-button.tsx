import { Button, CopyButton as Copying, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

/** Copies `value`, and says that it did. @param what how it's called to who only hears the button */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const { t } = useTranslation();
  return (
    <Copying value={value} timeout={2500}>
      {({ copied, copy }) => (
        <Button variant="default" onClick={copy} leftSection={<Icon name={copied ? 'check' : 'copy'} size={17} />}>
          <span aria-live="polite">{copied ? t('action.copied') : t('action.copy')}</span>
          <VisuallyHidden> {what}</VisuallyHidden>
        </Button>
      )}
    </Copying>
  );
}
