import type { KeepProtection } from '../use-cases/keep-protection.ts';
import { note } from './audit.ts';
import { ownerOf } from './caller.ts';
import type { Handlers } from './handler-types.ts';

/** What protects sites. */
export function makeProtectionHandlers(
  protection: KeepProtection,
): Pick<Handlers, 'getProtection' | 'putProtection' | 'testProtection'> {
  return {
    async getProtection({ params, response, caller }) {
      const answer = await protection.get(params.key ?? '');
      response.setHeader('ETag', answer.etag);
      // What Cloudflare said is for those who run Berth.
      return ownerOf(caller) ? { ...answer, message: '' } : answer;
    },
    async putProtection({ params, query, body, request, response, caller, requestId }) {
      const { key = '' } = params;
      const isPlan = query.plan === '1';
      const by = { apiKeyId: caller.id, causeId: requestId };
      const answer = isPlan
        ? await protection.plan(key, body)
        : await protection.change(key, request.headers['if-match'], body, by);
      response.setHeader('ETag', answer.protection.etag);
      if (answer.applied) note(response, { after: answer.protection.wanted });
      return answer;
    },
    testProtection: ({ params, body }) => protection.test(params.key ?? '', body),
  };
}
