import type { UserView } from '@berth/contract/user';
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { usersQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { useMe } from '../app/use-me.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Section } from '../parts/section.tsx';
import { Ago } from '../parts/time.tsx';
import { Pill } from '../status/status-pill.tsx';
import classes from './host-page.module.css';
import { InvitationLink, InviteForm } from './invite-form.tsx';
import { operatorRoles } from './searches.ts';

/** Who runs Berth, and who has signed in as a customer. */
export function UsersPage() {
  const { t } = useTranslation();
  const { data, error } = useQuery(usersQuery);
  usePageTitle(t('operator.users.title'));
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  return (
    <>
      <Title order={1}>{t('operator.users.title')}</Title>
      <Section title={t('operator.users.invite')} note={t('operator.users.inviteNote')}>
        <InviteForm />
      </Section>
      <Section title={t('operator.users.list')}>
        <ul className={classes.list}>
          {data.data.map((user) => (
            <OneUser key={user.id} user={user} />
          ))}
        </ul>
      </Section>
    </>
  );
}

function OneUser({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const after = { onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }) };
  const params = { userId: user.id };
  const change = useMutation({
    mutationFn: (body: { disabled: boolean } | { role: (typeof operatorRoles)[number] }) =>
      ask('patch', '/v1/users/{userId}', { params, body }),
    ...after,
  });
  const signOut = useMutation({ mutationFn: () => ask('delete', '/v1/users/{userId}/sessions', { params }), ...after });
  const invite = useMutation({
    mutationFn: () => ask('post', '/v1/users/{userId}/invitations', { params, body: {} }),
    ...after,
  });
  const isOperator = user.role !== 'customer';
  const canBeChanged = user.id !== me.user.id && me.impersonatedBy === null;
  return (
    <li>
      <div>
        <Group gap="sm">
          <strong>{user.name || user.email}</strong>
          <Pill tone={user.disabled ? 'red' : isOperator ? 'blue' : 'grey'}>
            {user.disabled ? t('operator.users.disabled') : t(`operator.users.role.${user.role}`)}
          </Pill>
          {isOperator && !user.hasSecondFactor && <Pill tone="amber">{t('operator.users.noSecondFactor')}</Pill>}
        </Group>
        <Text c="dimmed" fz="sm">
          {user.email} · {t('operator.users.sessions', { count: user.sessions })}
          {user.lastSignedInAt && (
            <>
              {' · '}
              <Ago at={user.lastSignedInAt} />
            </>
          )}
        </Text>
        <Refusal error={change.error ?? signOut.error ?? invite.error} />
        {invite.data && <InvitationLink invitation={invite.data} />}
      </div>
      {canBeChanged && (
        <Group gap="xs">
          {isOperator && (
            <NativeSelect
              aria-label={t('console.users.changeRole', { name: user.name || user.email })}
              value={user.role}
              disabled={change.isPending}
              data={operatorRoles.map((value) => ({ value, label: t(`operator.users.role.${value}`) }))}
              onChange={(event) => {
                const role = operatorRoles.find((one) => one === event.currentTarget.value);
                if (role) change.mutate({ role });
              }}
            />
          )}
          {isOperator && (
            <Button variant="default" loading={invite.isPending} onClick={() => invite.mutate()}>
              {t('operator.users.anew')}
            </Button>
          )}
          {user.sessions > 0 && (
            <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
              {t('operator.users.signOut')}
            </Button>
          )}
          {isOperator && (
            <Button
              variant="default"
              loading={change.isPending}
              onClick={() => change.mutate({ disabled: !user.disabled })}
            >
              {t(user.disabled ? 'operator.users.enable' : 'operator.users.disable')}
            </Button>
          )}
        </Group>
      )}
    </li>
  );
}
