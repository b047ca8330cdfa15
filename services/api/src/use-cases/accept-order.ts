import { createHash } from 'node:crypto';
import type { OrderAccepted, OrderRequest } from '@berth/contract/order';
import { newsHint } from '@berth/shared/contracts/jobs';
import { parseDomainName } from '@berth/shared/domain/domain-name';
import type { ImageAllowlist } from '@berth/shared/domain/image-allowlist';
import { parseImageReference } from '@berth/shared/domain/image-reference';
import type { Parsed } from '@berth/shared/domain/parsed';
import { parseCpus, parseMemory, problemsOfEnv } from '@berth/shared/domain/resources';
import { BerthError, type FieldProblem } from '@berth/shared/errors/berth-error';
import { pointerTo } from '@berth/shared/errors/pointer-to';
import { type Chance, newSlug } from '@berth/shared/runtime/chance';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import { type NewOrder, takeOrder } from '@berth/shared/store/intake';
import { findSiteOfOrder } from '@berth/shared/store/read-sites';
import { presentOrder } from '../presenters/present-site.ts';
import { checkImage } from './check-image.ts';
import { type PortRange, STAGING_PORTS } from './wished-port.ts';

export interface AcceptOrderDeps {
  db: Database;
  vault: Vault;
  hints: Hints;
  chance: Chance;
  /** domains that no order may have, in ASCII */
  reserved: () => ReadonlySet<string>;
  customerPorts: PortRange;
  images: ImageAllowlist;
}

export interface OrderCall {
  apiKeyId: string;
  idempotencyKey: string;
  causeId: string;
  mayUseExistingZone: boolean;
}

const LEAVING_RETRY_MS = 5000;
const IN_FLIGHT_RETRY_MS = 1000;

/** Takes an order in, once. @returns the answer, and whether it was given before */
export function makeAcceptOrder(deps: AcceptOrderDeps) {
  return async function acceptOrder(
    order: OrderRequest,
    call: OrderCall,
  ): Promise<{ answer: OrderAccepted; replayed: boolean }> {
    const row = toNewOrder(deps, order, call);
    const taken = await takeOrder(deps.db, row);
    switch (taken.kind) {
      case 'accepted': {
        deps.hints.send([...taken.hints, newsHint]);
        const url = `/v1/operations/${row.operationId}`;
        return {
          answer: {
            orderId: row.orderId,
            site: taken.siteKey,
            domain: row.domain,
            state: 'queued',
            nameServers: [],
            operation: { id: row.operationId, url },
          },
          replayed: false,
        };
      }
      case 'replayed':
        if (!taken.same)
          throw new BerthError('idempotency.key-reused', 'this Idempotency-Key was used for another order');
        return { answer: taken.response as OrderAccepted, replayed: true };
      case 'order-exists':
        if (!taken.same) throw new BerthError('order.conflict', `order ${row.orderId} exists with other content`);
        return { answer: await existing(deps.db, row.orderId), replayed: true };
      case 'in-flight':
        throw new BerthError('idempotency.in-flight', 'an equal request is under way; ask again', {
          retryAfterMs: IN_FLIGHT_RETRY_MS,
        });
      case 'domain-in-use':
        throw new BerthError('domain.in-use', `${row.domain} belongs to another site`);
      case 'leaving':
        throw new BerthError('site.leaving', `the former site of ${row.domain} is still leaving`, {
          retryAfterMs: LEAVING_RETRY_MS,
        });
    }
  };
}

async function existing(db: Database, orderId: string): Promise<OrderAccepted> {
  const site = await findSiteOfOrder(db, orderId);
  if (!site) throw new BerthError('order.not-found', `there is no order ${orderId}`);
  return presentOrder(site);
}

/** @throws BerthError `request.invalid`, `domain.reserved`, `port.out-of-range`, `auth.forbidden` */
function toNewOrder(deps: AcceptOrderDeps, order: OrderRequest, call: OrderCall): NewOrder {
  const { vault, chance } = deps;
  const read = readFields(order);
  if (deps.reserved().has(read.domain.ascii))
    throw new BerthError('domain.reserved', `${read.domain.ascii} is reserved`);
  if (order.existingZone && !call.mayUseExistingZone) {
    throw new BerthError('auth.forbidden', 'existingZone takes a key with the scope operator');
  }
  checkImage(deps.images, read.image);
  checkPort(deps, order);
  const { profile, ...said } = order;
  // Orders from before there were profiles have the same fingerprint as ever.
  const canonical = { ...said, ...read, env: sorted(order.env ?? {}), ...(profile !== 'strict' && { profile }) };
  const { id: externalId, ...customer } = order.customer;
  return {
    apiKeyId: call.apiKeyId,
    idempotencyKey: call.idempotencyKey,
    fingerprint: createHash('sha256').update(JSON.stringify(canonical)).digest('hex'),
    orderId: order.orderId,
    customer: { ...customer, externalId },
    domain: read.domain.ascii,
    domainUnicode: read.domain.unicode,
    image: read.image,
    licenseKeyEnc: vault.encrypt(order.licenseKey),
    envEnc: order.env ? vault.encrypt(JSON.stringify(order.env)) : null,
    environment: order.environment,
    memoryBytes: read.memory,
    cpus: read.cpus,
    healthPath: order.healthPath,
    profile,
    wishedPort: order.port ?? null,
    existingZone: order.existingZone,
    slug: newSlug(chance),
    operationId: chance.newId(),
    causeId: call.causeId,
  };
}

/** The fields that the schema can't judge; all problems at once. */
function readFields(order: OrderRequest) {
  const problems: FieldProblem[] = [];
  const read = <T>(field: string, result: Parsed<T>, otherwise: T): T => {
    if (result.ok) return result.value;
    problems.push({ pointer: `#/${field}`, detail: result.problem });
    return otherwise;
  };
  const fields = {
    domain: read('domain', parseDomainName(order.domain), { ascii: '', unicode: '' }),
    image: read('image', parseImageReference(order.image), ''),
    memory: read('memory', parseMemory(order.memory), 0),
    cpus: read('cpus', parseCpus(String(order.cpus)), 0),
  };
  for (const { name, problem } of problemsOfEnv(order.env ?? {})) {
    problems.push({ pointer: pointerTo('#', name === '' ? ['env'] : ['env', name]), detail: problem });
  }
  if (problems.length > 0) {
    const count = problems.length === 1 ? '1 field is' : `${problems.length} fields are`;
    throw new BerthError('request.invalid', `${count} not valid`, { fields: problems });
  }
  return fields;
}

function checkPort({ customerPorts }: AcceptOrderDeps, { port, environment }: OrderRequest): void {
  if (port === undefined) return;
  const range = environment === 'staging' ? STAGING_PORTS : customerPorts;
  if (port >= range.start && port <= range.end) return;
  const detail = `must be from ${range.start} to ${range.end} for ${environment}`;
  throw new BerthError('port.out-of-range', `port ${detail}`, { fields: [{ pointer: '#/port', detail }] });
}

function sorted(env: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
}
