import type { Problem } from '@berth/contract/problem';
import type { Ending } from '../exit-statuses.ts';
import { Failure } from '../failure.ts';

/** What to do about a refusal, by the problem's code; those that say it themselves are left out. */
const FIXES: Readonly<Record<string, string>> = {
  'auth.required': 'set BERTH_API_KEY to a valid key; `npm run key -- list` shows which there are',
  'auth.forbidden': 'use a key with that scope: `npm run key -- create --name NAME --scopes …`',
  'site.not-found': '`berth site list` shows which there are',
  'site.leaving': 'try again in a moment, or say --wait',
  'site.part-missing': '`berth site show` says which parts a site has',
  'site.nothing-to-confirm': '`berth site show` says what it waits for',
  'tunnel.not-found': '`berth tunnel list` shows which there are',
  'domain.in-use': '`berth site list` shows whose it is',
  'domain.mismatch': '`berth site show` says which domain it has',
  'license.required': 'set LICENSE_KEY, or LICENSE_KEY_FILE',
  'order.conflict': 'choose another --order',
};

/** Where a request's fields stand on the command line. */
const FLAGS: Readonly<Record<string, string>> = {
  domain: 'the domain',
  image: 'the image',
  port: 'the port',
  licenseKey: 'LICENSE_KEY',
  memory: '--memory',
  cpus: '--cpus',
  healthPath: '--health-path',
  orderId: '--order',
  'customer/id': "the customer's id",
  'customer/name': '--name',
  'customer/email': '--email',
};

/** @param doing what was being done, as a person would say it */
export function toFailure(doing: string, status: number, problem: Partial<Problem>): Failure {
  const { code, detail, title, requestId, errors = [] } = problem;
  const fields = errors.map(({ pointer, detail: text }) => `${flagOf(pointer)} ${text}`);
  return new Failure({
    ending: endingOf(status),
    what: `${doing}: ${title ?? `HTTP ${status}`}`,
    why: fields.length > 0 ? fields : detail ? [detail] : [],
    fix: FIXES[code ?? ''],
    code,
    requestId,
  });
}

function flagOf(pointer: string): string {
  const name = pointer.replace(/^#\/?/, '');
  return FLAGS[name] ?? (name.startsWith('env/') ? `--env ${name.slice(4)}` : name);
}

function endingOf(status: number): Ending {
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'notFound';
  if (status === 409) return 'conflict';
  if (status === 429 || status >= 500) return 'passing';
  return 'refused';
}
