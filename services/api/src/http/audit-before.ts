import type { RouteName, routes } from '@berth/contract/routes';
import { listApiKeys } from '@berth/shared/store/api-keys';
import { findContact } from '@berth/shared/store/customers';
import type { Database } from '@berth/shared/store/database';
import { readSiteDomain } from '@berth/shared/store/domain-checks';
import { listWindows } from '@berth/shared/store/maintenance-windows';
import { findUser } from '@berth/shared/store/operators';
import { findProtection } from '@berth/shared/store/protections';
import { findDelivery } from '@berth/shared/store/read-deliveries';
import { findHost } from '@berth/shared/store/read-hosts';
import { findSite, readSiteParts } from '@berth/shared/store/read-sites';
import { findRegistry } from '@berth/shared/store/registries';
import { listSessions } from '@berth/shared/store/sessions';
import { listEndpoints } from '@berth/shared/store/webhook-endpoints';
import type { Caller } from './caller.ts';

type Routes = typeof routes;
type Asking = { method: 'get' } | { asksOnly: true };
type Change = { [N in RouteName]: Routes[N] extends Asking ? never : N }[RouteName];
type Params = Readonly<Record<string, string>>;
type Reader = (db: Database, params: Params, caller: Caller) => Promise<unknown>;

/** What is read of each change before it is made; null where nothing is there before, or only what nobody may read. A further route doesn't compile without its word. */
const readers: Record<Change, Reader | null> = {
  signOut: null,
  sendSignInMail: null,
  signInByLink: null,
  signInByCode: null,
  signInByPassword: null,
  signInBySecondFactor: null,
  acceptInvitation: null,
  changePassword: null,
  beginSecondFactor: null,
  confirmSecondFactor: null,
  renewRecoveryCodes: null,
  beginImpersonation: null,
  addUser: null,
  createApiKey: null,
  confirmEmailChange: null,
  createOrder: null,
  createWebhook: null,
  createMaintenanceWindow: null,
  putProtection: protection,
  endSession: async (db, { sessionId }, { session }) =>
    session &&
    pick(await listSessions(db, session.user.id), sessionId, ({ signedInBy, createdAt }) => ({
      signedInBy,
      createdAt,
    })),
  endImpersonation: async (_db, _params, { name, session }) => session?.impersonatedBy && { customer: name },
  changeUser: user,
  inviteUser: user,
  signOutUser: user,
  revokeApiKey: async (db, { keyId }) =>
    pick(await listApiKeys(db), keyId, ({ name, scopes, revokedAt }) => ({ name, scopes, revokedAt })),
  changeContact: async (db, { customer = '' }) => {
    const contact = await findContact(db, customer);
    return contact && { language: contact.language, notify: contact.notify };
  },
  requestEmailChange: async (db, { customer = '' }) => {
    const contact = await findContact(db, customer);
    return contact && { email: contact.email };
  },
  createSiteTunnel: site,
  deleteSiteTunnel: site,
  deploySite: site,
  deleteSite: site,
  confirmSite: conditions('zone'),
  restartSite: container,
  retryCondition: async (db, params) => conditions(params.aspect ?? '')(db, params),
  checkDomain: async (db, { key = '' }) => {
    const standing = (await findSite(db, key))?.parts.tunnel ? await readSiteDomain(db, key) : undefined;
    return (
      standing && { zone: standing.zoneStatus, checkedAt: standing.checkedAt, found: standing.finding?.nameServers }
    );
  },
  changeHost: async (db, { host = '' }) => {
    const found = await findHost(db, host);
    return found && { state: found.draining ? 'draining' : 'ready' };
  },
  putRegistry: registry,
  deleteRegistry: registry,
  changeWebhook: webhook,
  rotateWebhookSecret: webhook,
  deleteWebhook: webhook,
  deleteMaintenanceWindow: async (db, { windowId }) =>
    pick(await listWindows(db, true), windowId, ({ host, site: key, startsAt, endsAt, reason }) => ({
      host,
      site: key,
      startsAt,
      endsAt,
      reason,
    })),
  sendAgain: async (db, { deliveryId = '' }) => {
    const delivery = await findDelivery(db, deliveryId);
    return (
      delivery && { state: delivery.state, tries: delivery.tries, answer: delivery.answerCode, error: delivery.error }
    );
  },
};

/** How what a request wants to change is before it. @returns undefined where nothing is there */
export async function readBefore(db: Database, name: RouteName, params: Params, caller: Caller): Promise<unknown> {
  const read = (readers as Partial<Record<RouteName, Reader | null>>)[name];
  return (await read?.(db, params, caller)) ?? undefined;
}

function pick<T extends { id: string }>(all: readonly T[], id: string | undefined, of: (one: T) => unknown): unknown {
  const found = all.find((one) => one.id === id);
  return found && of(found);
}

async function user(db: Database, { userId = '' }: Params): Promise<unknown> {
  const found = await findUser(db, userId);
  return found && { name: found.name, role: found.role, disabled: found.disabled, sessions: found.sessions };
}

async function site(db: Database, { key = '' }: Params): Promise<unknown> {
  const found = await findSite(db, key);
  if (!found || found.goneAt) return undefined;
  const { release } = await readSiteParts(db, found.id);
  const { wanted, generation, domain, parts } = found;
  return { wanted, generation, domain, parts, release: release?.number ?? null, image: release?.image ?? null };
}

async function container(db: Database, { key = '' }: Params): Promise<unknown> {
  const found = await findSite(db, key);
  if (!found || found.goneAt) return undefined;
  const parts = await readSiteParts(db, found.id);
  return {
    container: parts.container && { status: parts.container.status, startedAt: parts.container.startedAt },
    tunnel: parts.tunnel?.status ?? null,
  };
}

function conditions(aspect: string) {
  return async (db: Database, { key = '' }: Params): Promise<unknown> => {
    const found = await findSite(db, key);
    return found?.conditions
      .filter((one) => one.aspect === aspect)
      .map(({ host, status, reason, tries }) => ({ host, status, reason, tries }));
  };
}

async function protection(db: Database, { key = '' }: Params): Promise<unknown> {
  const found = await findProtection(db, key);
  return found && { version: found.version, ...found.wanted };
}

async function registry(db: Database, { registry: name = '' }: Params): Promise<unknown> {
  const found = await findRegistry(db, name);
  return found && { username: found.username, updatedAt: found.updatedAt };
}

async function webhook(db: Database, { webhookId }: Params): Promise<unknown> {
  return pick(await listEndpoints(db), webhookId, ({ url, description, eventTypes, enabled }) => ({
    url,
    description,
    eventTypes,
    enabled,
  }));
}
