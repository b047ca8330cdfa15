import type { AuditEntry } from '@berth/contract/audit';
import { Code, Drawer, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import { useReturnFocus } from '../parts/use-return-focus.ts';
import { PartWords } from '../protection/part-words.tsx';
import { AuditPill } from './audit-pill.tsx';
import { useChange } from './use-change.ts';

/** One change: by whom and from where, how it was before, and what was asked for. */
export function AuditDrawer({ entry, onClose }: { entry: AuditEntry; onClose(): void }) {
  const { t } = useTranslation();
  const sayChange = useChange();
  useReturnFocus();
  const values = (['before', 'after'] as const).filter((one) => entry[one] !== null && entry[one] !== undefined);
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={sayChange(entry.action)}>
      <Stack>
        <Facts
          facts={[
            [t('operator.deliveries.stateLabel'), <AuditPill key="state" status={entry.status} />],
            [t('console.audit.actor'), `${t(`console.audit.kind.${entry.actor.kind}`)} · ${entry.actor.name}`],
            entry.target !== null && [t('console.audit.target'), entry.target],
            [t('console.audit.at'), <Moment key="at" at={entry.at} />],
            entry.ipAddress !== null && [t('console.audit.address'), entry.ipAddress],
            entry.requestId !== null && [t('console.audit.request'), entry.requestId],
          ]}
        />
        {values.map((one) => (
          <div key={one}>
            <Text fw={600} mb={4}>
              {t(`console.audit.${one}`)}
            </Text>
            {entry.action === 'putProtection' && <ProtectionWords of={entry[one]} />}
            <Code block tabIndex={0}>
              {JSON.stringify(entry[one], null, 2)}
            </Code>
          </div>
        ))}
      </Stack>
    </Drawer>
  );
}

/** What was wanted to protect a site, in words; what stands there may be anything. */
function ProtectionWords({ of }: { of: unknown }) {
  if (typeof of !== 'object' || of === null) return null;
  return (
    <div style={{ marginBottom: 10 }}>
      <PartWords of={of} />
    </div>
  );
}
