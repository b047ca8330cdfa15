import { BerthError } from '@berth/shared/errors/berth-error';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Clock } from '@berth/shared/runtime/clock';
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '@berth/shared/store/api-keys';
import { listAudit } from '@berth/shared/store/audit';
import { changeContact, findContact } from '@berth/shared/store/customers';
import type { Database } from '@berth/shared/store/database';
import { parseSeqCursor, toSeqCursor } from './cursor.ts';
import type { Handlers } from './handler-types.ts';
import { page } from './page.ts';

interface Deps {
  db: Database;
  chance: Chance;
  clock: Clock;
}

type AdminRoute = 'listAudit' | 'listApiKeys' | 'createApiKey' | 'revokeApiKey' | 'getContact' | 'changeContact';

const DAY_MS = 86_400_000;

/** What the routes do about keys, the audit, and how customers are written to. */
export function makeAdminHandlers({ db, chance, clock }: Deps): Pick<Handlers, AdminRoute> {
  const getKey = async (id: string) => {
    const found = (await listApiKeys(db)).find((key) => key.id === id);
    if (!found) throw new BerthError('api-key.not-found', `there is no key ${id}`);
    return found;
  };
  const getContact = async (customer: string) => {
    const contact = await findContact(db, customer);
    if (!contact) throw new BerthError('customer.not-found', `there is no customer ${customer}`);
    return contact;
  };
  return {
    async listAudit(call) {
      const { limit, cursor, ...filter } = call.query;
      const { entries, next } = await listAudit(db, filter, { before: parseSeqCursor(cursor), limit });
      return page(call, entries, next ? toSeqCursor(next) : null);
    },
    listApiKeys: async () => ({ data: (await listApiKeys(db)).map(presentKey), nextCursor: null }),
    async createApiKey({ body }) {
      const { key, prefix, hash } = makeApiKey(chance);
      const expiresAt = body.days === undefined ? null : new Date(clock.date().getTime() + body.days * DAY_MS);
      const id = await createApiKey(db, { name: body.name, prefix, hash, scopes: body.scopes, expiresAt });
      return { ...presentKey(await getKey(id)), key };
    },
    async revokeApiKey({ params }) {
      const { keyId = '' } = params;
      const key = await getKey(keyId);
      await revokeApiKey(db, key.id, clock.date());
      return presentKey(await getKey(keyId));
    },
    getContact: ({ params }) => getContact(params.customer ?? ''),
    async changeContact(call) {
      const { customer = '' } = call.params;
      return (await changeContact(db, customer, call.body)) ?? getContact(customer);
    },
  };
}

function presentKey({ createdAt, expiresAt, revokedAt, lastUsedAt, ...key }: ApiKey) {
  const iso = (date: Date | null) => date?.toISOString() ?? null;
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    expiresAt: iso(expiresAt),
    revokedAt: iso(revokedAt),
    lastUsedAt: iso(lastUsedAt),
  };
}
