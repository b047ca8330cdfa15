import { type Check, fails, isOk, warns } from '@berth/shared/domain/checks';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { RunChecks } from '@berth/shared/runtime/keep-checked';
import type { CallOptions, Cloudflare } from './make-cloudflare.ts';
import { type TokenPermission, tokenPermissions } from './permissions.ts';
import { refusalOf } from './to-berth-error.ts';

interface Options {
  cloudflare: Cloudflare;
  clock: Pick<Clock, 'date'>;
  /** what the service does with the token; what it doesn't do needs no permission */
  needs: readonly (keyof typeof tokenPermissions)[];
}

type Sdk = Parameters<Parameters<Cloudflare['call']>[1]>[0];
/** What a call showed: that it is allowed, that it isn't, why nothing shows it yet, or why that couldn't be asked. */
type Shown = { kind: 'allowed' | 'refused'; why?: never } | { kind: 'unseen' | 'unknown'; why: string };

/** How often a service looks at the account: permissions change seldom, and calls are counted. */
export const ACCOUNT_CHECK_MS = 3_600_000;

const WEEKS_MS = 14 * 86_400_000;
/** No tunnel and no application ever has this id: asking to delete it changes nothing, and shows whether one may. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

/**
 * Looks whether the token can do what the service needs, by permission. Nothing is changed: what can be read is read, what zones say of
 * the token is believed, and deletions are asked for of what can't exist.
 */
export function makeCheckAccount({ cloudflare, clock, needs }: Options): RunChecks {
  return async function checkAccount(signal) {
    const token = await checkToken(cloudflare, clock, signal);
    if (token.status === 'fail') return [token];
    const checks = [
      token,
      ...(needs.includes('tunnel') ? await checkTunnels(cloudflare, signal) : []),
      ...(await checkZones(cloudflare, needs, signal)),
      ...(needs.includes('access') ? await checkAccess(cloudflare, signal) : []),
      ...(needs.includes('accessTokens') ? await checkAccessTokens(cloudflare, signal) : []),
    ];
    signal.throwIfAborted();
    return checks;
  };
}

async function checkTunnels(cloudflare: Cloudflare, signal: AbortSignal): Promise<Check[]> {
  const account_id = cloudflare.accountId;
  const listing = await show(cloudflare, 'listing tunnels', signal, (sdk, options) =>
    sdk.zeroTrust.tunnels.cloudflared.list({ account_id, is_deleted: false, per_page: 1 }, options),
  );
  const deleting = await showDeletion(cloudflare, 'deleting no tunnel', signal, (sdk, options) =>
    sdk.zeroTrust.tunnels.cloudflared.delete(NOBODY, { account_id }, options),
  );
  return [judgeAccount(listing, account_id), judgePermission(tokenPermissions.tunnel, deleting)];
}

/** Without them orders go live all the same. */
const ofOneFeature: ReadonlySet<string> = new Set(['analytics', 'logs', 'waf']);

async function checkZones(cloudflare: Cloudflare, needs: Options['needs'], signal: AbortSignal): Promise<Check[]> {
  const wanted = {
    zoneRead: undefined,
    dns: '#dns_records:edit',
    zoneEdit: '#zone:edit',
    analytics: '#analytics:read',
    logs: '#logs:edit',
    waf: '#waf:edit',
  } as const;
  const all = ['zoneRead', 'dns', 'zoneEdit', 'analytics', 'logs', 'waf'] as const;
  const needed = all.filter((name) => needs.includes(name));
  if (needed.length === 0) return [];
  const zones = await readZones(cloudflare, signal);
  return needed.map((name) => {
    const shown = wanted[name] === undefined ? zones.shown : ofZone(zones, wanted[name]);
    return judgePermission(tokenPermissions[name], shown, ofOneFeature.has(name) ? warns : fails);
  });
}

async function checkAccess(cloudflare: Cloudflare, signal: AbortSignal): Promise<Check[]> {
  const account_id = cloudflare.accountId;
  const deleting = await showDeletion(cloudflare, 'deleting no application', signal, (sdk, options) =>
    sdk.zeroTrust.access.applications.delete(NOBODY, { account_id }, options),
  );
  return [judgePermission(tokenPermissions.access, deleting, warns)];
}

async function checkAccessTokens(cloudflare: Cloudflare, signal: AbortSignal): Promise<Check[]> {
  const account_id = cloudflare.accountId;
  const deleting = await showDeletion(cloudflare, 'deleting no service token', signal, (sdk, options) =>
    sdk.zeroTrust.access.serviceTokens.delete(NOBODY, { account_id }, options),
  );
  return [judgePermission(tokenPermissions.accessTokens, deleting, warns)];
}

const TOKEN = { id: 'cloudflare.token', title: "Cloudflare's token is valid" };

/** A token belongs to a user or to an account; each is verified at its own address. */
async function checkToken(cloudflare: Cloudflare, clock: Pick<Clock, 'date'>, signal: AbortSignal): Promise<Check> {
  const call = { doing: "verifying Cloudflare's token", signal, kind: 'background' } as const;
  const account_id = cloudflare.accountId;
  let verified: { status: string; expires_on?: string | null };
  try {
    verified = await cloudflare
      .call(call, (sdk, options) => sdk.user.tokens.verify(options))
      .catch((error: unknown) => {
        if (!isRefused(error)) throw error;
        return cloudflare.call(call, (sdk, options) => sdk.accounts.tokens.verify({ account_id }, options));
      });
  } catch (error) {
    if (signal.aborted) throw error;
    if (isRefused(error)) {
      const fix = 'make a token with the permissions of the README, set CF_API_TOKEN, and restart';
      return fails(TOKEN, `Cloudflare refused it (${messageOf(error)})`, fix);
    }
    return fails(
      TOKEN,
      messageOf(error),
      'check the way to api.cloudflare.com; nothing is lost, all of it goes on later',
    );
  }
  if (verified.status !== 'active') return fails(TOKEN, `it is ${verified.status}`, 'activate it, or make another one');
  const expiresMs = verified.expires_on ? Date.parse(verified.expires_on) : undefined;
  if (expiresMs === undefined) return isOk(TOKEN, 'active');
  const detail = `active until ${verified.expires_on}`;
  const isSoon = expiresMs - clock.date().getTime() < WEEKS_MS;
  return isSoon ? warns(TOKEN, detail, 'make another one in time, set CF_API_TOKEN, and restart') : isOk(TOKEN, detail);
}

function isRefused(error: unknown): boolean {
  const status = refusalOf(error)?.status;
  return status === 400 || status === 401 || status === 403;
}

type Make = (sdk: Sdk, options: CallOptions) => PromiseLike<unknown>;

async function show(cloudflare: Cloudflare, doing: string, signal: AbortSignal, make: Make): Promise<Shown> {
  try {
    await cloudflare.call({ doing, signal, kind: 'background' }, make);
    return { kind: 'allowed' };
  } catch (error) {
    const status = refusalOf(error)?.status ?? 0;
    if ([400, 401, 403, 404].includes(status)) return { kind: 'refused' };
    return { kind: 'unknown', why: messageOf(error) };
  }
}

/** Only who may delete is told that there is nothing to be deleted. */
async function showDeletion(cloudflare: Cloudflare, doing: string, signal: AbortSignal, make: Make): Promise<Shown> {
  return show(cloudflare, doing, signal, async (sdk, options) => {
    try {
      return await make(sdk, options);
    } catch (error) {
      if (refusalOf(error)?.status === 404) return true;
      throw error;
    }
  });
}

interface Zones {
  shown: Shown;
  /** of each zone that was seen, what the token may do there */
  permissions: readonly (readonly string[])[];
}

async function readZones(cloudflare: Cloudflare, signal: AbortSignal): Promise<Zones> {
  let permissions: (readonly string[])[] = [];
  const shown = await show(cloudflare, 'listing zones', signal, async (sdk, options) => {
    const page = await sdk.zones.list({ account: { id: cloudflare.accountId }, per_page: 5 }, options);
    permissions = page.result.map((zone) => zone.permissions ?? []);
    return page;
  });
  return { shown, permissions };
}

function ofZone({ shown, permissions }: Zones, wanted: string): Shown {
  if (shown.kind !== 'allowed') return { kind: 'unknown', why: 'zones cannot be listed' };
  if (permissions.length === 0) return { kind: 'unseen', why: 'the account has no zone yet by which it could be seen' };
  return { kind: permissions.every((of) => of.includes(wanted)) ? 'allowed' : 'refused' };
}

function judgeAccount(shown: Shown, accountId: string): Check {
  const subject = { id: 'cloudflare.account', title: `Account ${accountId} is reached` };
  if (shown.kind === 'allowed') return isOk(subject, 'its tunnels can be listed');
  if (shown.why !== undefined) return warns(subject, shown.why, 'look again later');
  const fix = 'compare CF_ACCOUNT_ID with the account that the token is for';
  return fails(subject, 'the token does not open it, or may not read its tunnels', fix);
}

function judgePermission(permission: TokenPermission, shown: Shown, lacks = fails): Check {
  const subject = { id: permission.id, title: `Permission ${permission.name}` };
  if (shown.kind === 'allowed') return isOk(subject, permission.purpose);
  if (shown.kind === 'unseen') return isOk(subject, `${permission.purpose}; not to be seen yet: ${shown.why}`);
  if (shown.kind === 'unknown') return warns(subject, `it could not be asked for: ${shown.why}`, 'look again later');
  const fix = `add “${permission.name}” to the token (dash.cloudflare.com, API Tokens)`;
  return lacks(subject, `the token lacks it: ${permission.without}`, fix);
}
