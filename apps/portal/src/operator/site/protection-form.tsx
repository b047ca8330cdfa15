import type { SiteProtection } from '@berth/contract/protection';
import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, isRefusal } from '../../api/ask.ts';
import { protectionQuery } from '../../api/queries.ts';
import { Callout, Section } from '../../parts/section.tsx';
import { type Draft, toDraft, toWish } from '../../protection/draft.ts';
import { Refused } from '../../protection/refused.tsx';
import { ProtectionFields } from './protection-fields.tsx';
import { ProtectionOutlook } from './protection-outlook.tsx';

/** What somebody types, and what they saw when they began. */
interface Typed {
  draft: Draft;
  etag: string;
}

/** Changes what protects a site: what would change is seen first, and nobody's change is overwritten unseen. */
export function ProtectionForm({ protection }: { protection: SiteProtection }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Typed>();
  const { look, save } = useProtecting(protection.site, () => setTyped(undefined));
  const draft = typed?.draft ?? toDraft(protection.wanted);
  const etag = typed?.etag ?? protection.etag;
  const isOvertaken = !save.isPending && (etag !== protection.etag || isRefusal(save.error, 412));
  const begin = (next: Typed | undefined) => {
    setTyped(next);
    look.reset();
    save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.reset();
    look.mutate(draft);
  };
  return (
    <Section title={t('protection.form.title')} note={t('protection.form.note')}>
      <form onSubmit={submit}>
        <Stack>
          <ProtectionFields
            draft={draft}
            limits={protection.limits}
            onChange={(next) => begin({ draft: next, etag })}
          />
          <Group>
            <Button type="submit" variant="default" loading={look.isPending} disabled={isOvertaken}>
              {t('protection.form.look')}
            </Button>
            {typed && !isOvertaken && (
              <Button variant="subtle" onClick={() => begin(undefined)}>
                {t('protection.form.reset')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
      <Stack mt="md">
        {isOvertaken && (
          <Callout tone="amber" icon="alert" title={t('protection.form.conflict')} role="alert">
            <p>{t('protection.form.conflictText')}</p>
            <Group gap="sm" mt={8}>
              <Button variant="default" onClick={() => begin(undefined)}>
                {t('protection.form.theirs')}
              </Button>
              <Button variant="default" onClick={() => begin({ draft, etag: protection.etag })}>
                {t('protection.form.mine')}
              </Button>
            </Group>
          </Callout>
        )}
        {!isOvertaken && <Refused error={save.error ?? look.error} />}
        {!isOvertaken && look.data && (
          <ProtectionOutlook
            of={look.data}
            isSaving={save.isPending}
            onSave={() => save.mutate({ draft, etag }, { onSuccess: () => look.reset() })}
          />
        )}
        {save.isSuccess && <Callout tone="green" icon="check" title={t('protection.form.saved')} role="status" />}
      </Stack>
    </Section>
  );
}

/** Looks at what a draft would change, and saves it; both tell what is wanted now. */
function useProtecting(site: string, onSaved: () => void) {
  const client = useQueryClient();
  const { queryKey } = protectionQuery(site);
  const params = { key: site };
  const path = '/v1/sites/{key}/protection';
  // What was asked for before the change may come after it.
  const take = async (protection: SiteProtection) => {
    await client.cancelQueries({ queryKey });
    client.setQueryData(queryKey, protection);
  };
  const look = useMutation({
    mutationFn: (draft: Draft) => ask('put', path, { params, query: { plan: '1' }, body: toWish(draft) }),
    onSuccess: ({ protection }) => take(protection),
  });
  const save = useMutation({
    mutationFn: ({ draft, etag }: Typed) => ask('put', path, { params, etag, body: toWish(draft) }),
    onSuccess: async ({ protection }) => {
      await take(protection);
      onSaved();
    },
    onError: () => void client.invalidateQueries({ queryKey }),
  });
  return { look, save };
}
