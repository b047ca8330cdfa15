import type { Route } from '../call.ts';
import { answerQuery } from './answer-query.ts';

export const analyticsRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/graphql',
    needs: 'analytics.read',
    fields: ['query', 'variables', 'operationName'],
    handle: ({ account, body }) => ({ result: null, bare: answerQuery(account, body) }),
  },
];
