import type { Call, Route } from '../call.ts';
import { toPage } from '../page.ts';
import type { Access, ServiceToken } from './access.ts';
import { type AccessApplication, APPLICATION_FIELDS } from './access-application.ts';
import { type AccessPolicy, POLICY_FIELDS } from './access-policy.ts';

const BASE = '/accounts/:account/access';
const APP = `${BASE}/apps/:app`;
const POLICY = `${BASE}/policies/:policy`;
const TOKENS = `${BASE}/service_tokens`;
const PAGES = { min: 1, max: 1000, usual: 1000 };
const PAGED = { page: 'text', per_page: 'text' } as const;

/** Applications, reusable policies and service tokens of Access. */
export const accessRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${BASE}/apps`,
    needs: 'access.edit',
    query: { ...PAGED, domain: 'text', name: 'text', aud: 'text', exact: ['true', 'false'] },
    handle: ({ account: { access }, query }) => {
      const found = [...access.applications.values()].filter((one) => isMeant(one, query));
      return toPage(found, query, PAGES, (one) => showApplication(access, one));
    },
  },
  {
    method: 'POST',
    path: `${BASE}/apps`,
    needs: 'access.edit',
    fields: APPLICATION_FIELDS,
    handle: (call) => made(call, (access) => showApplication(access, access.putApplication(call.body))),
  },
  {
    method: 'GET',
    path: APP,
    needs: 'access.edit',
    handle: ({ account: { access }, params }) => ({
      result: showApplication(access, access.application(params.app ?? '')),
    }),
  },
  {
    method: 'PUT',
    path: APP,
    needs: 'access.edit',
    fields: APPLICATION_FIELDS,
    handle: (call) =>
      changed(call, (access) => {
        const former = access.application(call.params.app ?? '');
        return showApplication(access, access.putApplication(call.body, former));
      }),
  },
  {
    method: 'DELETE',
    path: APP,
    needs: 'access.edit',
    handle: (call) =>
      gone(call, (access) => {
        const { id } = access.application(call.params.app ?? '');
        access.applications.delete(id);
        return id;
      }),
  },
  {
    method: 'GET',
    path: `${BASE}/policies`,
    needs: 'access.edit',
    query: PAGED,
    handle: ({ account: { access }, query }) =>
      toPage([...access.policies.values()], query, PAGES, (one) => showPolicy(access, one)),
  },
  {
    method: 'POST',
    path: `${BASE}/policies`,
    needs: 'access.edit',
    fields: POLICY_FIELDS,
    handle: (call) => made(call, (access) => showPolicy(access, access.putPolicy(call.body))),
  },
  {
    method: 'GET',
    path: POLICY,
    needs: 'access.edit',
    handle: ({ account: { access }, params }) => ({ result: showPolicy(access, access.policy(params.policy ?? '')) }),
  },
  {
    method: 'PUT',
    path: POLICY,
    needs: 'access.edit',
    fields: POLICY_FIELDS,
    handle: (call) =>
      changed(call, (access) => {
        const former = access.policy(call.params.policy ?? '');
        return showPolicy(access, access.putPolicy(call.body, former));
      }),
  },
  {
    method: 'DELETE',
    path: POLICY,
    needs: 'access.edit',
    handle: (call) => gone(call, (access) => access.removePolicy(call.params.policy ?? '').id),
  },
  {
    method: 'GET',
    path: TOKENS,
    needs: 'access.tokens',
    query: PAGED,
    handle: ({ account: { access }, query }) => toPage([...access.tokens.values()], query, PAGES, showToken),
  },
  {
    method: 'POST',
    path: TOKENS,
    needs: 'access.tokens',
    fields: ['name', 'duration'],
    // Its secret is told this once.
    handle: (call) => made(call, (access) => access.makeToken(call.body.name, call.body.duration)),
  },
  {
    method: 'DELETE',
    path: `${TOKENS}/:token`,
    needs: 'access.tokens',
    // Policies that name it stay, and let nobody in by it any more.
    handle: (call) => changed(call, (access) => showToken(access.removeToken(call.params.token ?? ''))),
  },
  {
    method: 'POST',
    path: `${TOKENS}/:token/rotate`,
    needs: 'access.tokens',
    // What was its secret opens nothing any more.
    handle: (call) => changed(call, (access) => access.rotateToken(call.params.token ?? '')),
  },
  {
    method: 'POST',
    path: `${TOKENS}/:token/refresh`,
    needs: 'access.tokens',
    // Its secret stays, and isn't told again.
    handle: (call) => changed(call, (access) => showToken(access.refreshToken(call.params.token ?? ''))),
  },
];

function showApplication(access: Access, application: AccessApplication): unknown {
  const policies = application.policies.map((id, index) => ({ ...access.policy(id), precedence: index + 1 }));
  return { ...application, type: 'self_hosted', policies };
}

function showPolicy(access: Access, policy: AccessPolicy): unknown {
  return { ...policy, reusable: true, app_count: access.usersOf(policy.id).length };
}

function showToken({ client_secret: _, ...shown }: ServiceToken): unknown {
  return shown;
}

function isMeant({ self_hosted_domains: domains, name, aud }: AccessApplication, query: URLSearchParams): boolean {
  const exact = query.get('exact') === 'true';
  const fits = (asked: string | null, values: readonly string[]) =>
    asked === null || values.some((value) => (exact ? value === asked : value.includes(asked)));
  return fits(query.get('domain'), domains) && fits(query.get('name'), [name]) && fits(query.get('aud'), [aud]);
}

function changed(call: Call, change: (access: Access) => unknown): { result: unknown } {
  const result = change(call.account.access);
  call.account.changed();
  return { result };
}

const made = (call: Call, change: (access: Access) => unknown) => ({ ...changed(call, change), status: 201 });
const gone = (call: Call, change: (access: Access) => string) => {
  const { result: id } = changed(call, change);
  return { result: { id }, status: 202 };
};
