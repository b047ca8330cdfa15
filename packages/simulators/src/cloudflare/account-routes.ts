import type { Answer, Call, Route } from './call.ts';

function verify({ account }: Call): Answer {
  const { status, expiresOn } = account.token;
  return {
    result: { id: 'ed17574386854bf78a67040be0a770b0', status, ...(expiresOn && { expires_on: expiresOn }) },
    messages: [{ code: 10_000, message: `This API Token is valid and ${status}`, type: null }],
  };
}

export const accountRoutes: readonly Route[] = [
  { method: 'GET', path: '/user/tokens/verify', handle: verify },
  { method: 'GET', path: '/accounts/:account/tokens/verify', handle: verify },
  {
    method: 'GET',
    path: '/accounts/:account',
    handle: ({ account }) => ({
      result: {
        id: account.id,
        name: account.name,
        type: 'standard',
        settings: { enforce_twofactor: false },
        created_on: '2026-01-01T00:00:00.000000Z',
      },
    }),
  },
];
