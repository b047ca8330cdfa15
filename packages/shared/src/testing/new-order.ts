import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '../store/database.ts';
import type { NewOrder } from '../store/intake.ts';
import { modelsOf } from '../store/models.ts';

/** An order as the api hands it to the store, of its own id, key, slug and domain unless said otherwise. */
export function newOrder(apiKeyId: string, more: Partial<NewOrder> = {}): NewOrder {
  const id = randomBytes(6).toString('hex');
  const domain = more.domain ?? `${id}.example`;
  return {
    apiKeyId,
    idempotencyKey: `key-${id}`,
    fingerprint: `fingerprint of ${more.orderId ?? id}`,
    orderId: `order_${id}`,
    customer: { externalId: `customer_${id}`, name: 'Erika Mustermann', email: 'erika@example.org' },
    domain,
    domainUnicode: domain,
    image: 'registry.example/shop:1',
    licenseKeyEnc: 'encrypted',
    envEnc: null,
    environment: 'production',
    memoryBytes: 536_870_912,
    cpus: 0.5,
    healthPath: '/health',
    profile: 'strict',
    wishedPort: null,
    existingZone: false,
    slug: randomBytes(5).toString('hex'),
    operationId: randomUUID(),
    causeId: randomUUID(),
    ...more,
  };
}

/** An API key's row, for orders to be stored under. @returns its id */
export async function makeApiKey(db: Database): Promise<string> {
  const hash = randomUUID();
  return (await modelsOf(db).apiKey.create({ data: { name: 'test', hash, prefix: 'bk_test' } })).id;
}
