import type {
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointRequest,
  WebhookEndpointWithSecret,
} from '@berth/contract/webhook-endpoint';
import type { AddressGuard } from '@berth/shared/domain/private-address';
import { parseWebhookUrl } from '@berth/shared/domain/webhook-url';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  listEndpoints,
  rotateEndpointSecret,
} from '@berth/shared/store/webhook-endpoints';

interface Deps {
  db: Database;
  vault: Vault;
  chance: Pick<Chance, 'bytes'>;
  addresses: AddressGuard;
}

/** The Standard Webhooks scheme asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** The places that webhooks are sent to. Each throws BerthError `webhook.not-found` where there is no such place. */
export function makeManageWebhooks({ db, vault, chance, addresses }: Deps) {
  const newSecret = () => `whsec_${chance.bytes(SECRET_BYTES).toString('base64')}`;
  const mustBeAllowed = (url: string) => {
    const parsed = parseWebhookUrl(url, addresses);
    if (parsed.ok) return;
    const fields = [{ pointer: '#/url', detail: parsed.problem }];
    throw new BerthError('webhook.address-not-allowed', `the url ${parsed.problem}`, { fields });
  };
  return {
    list: (): Promise<WebhookEndpoint[]> => listEndpoints(db),
    async create(wish: WebhookEndpointRequest): Promise<WebhookEndpointWithSecret> {
      mustBeAllowed(wish.url);
      const secret = newSecret();
      return { ...(await createEndpoint(db, { ...wish, secretEnc: vault.encrypt(secret) })), secret };
    },
    async change(id: string, wish: WebhookEndpointChange): Promise<WebhookEndpoint> {
      if (wish.url !== undefined) mustBeAllowed(wish.url);
      return found(id, await changeEndpoint(db, id, wish));
    },
    async rotate(id: string, formerValidHours: number): Promise<WebhookEndpointWithSecret> {
      const secret = newSecret();
      return { ...found(id, await rotateEndpointSecret(db, id, vault.encrypt(secret), formerValidHours)), secret };
    },
    async remove(id: string): Promise<WebhookEndpoint> {
      return found(id, await deleteEndpoint(db, id));
    },
  };
}

export type ManageWebhooks = ReturnType<typeof makeManageWebhooks>;

function found<T>(id: string, endpoint: T | undefined): T {
  if (!endpoint) throw new BerthError('webhook.not-found', `there is no webhook endpoint ${id}`);
  return endpoint;
}
