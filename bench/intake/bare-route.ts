import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type NewOrder, takeOrderStatement, valuesOfOrder } from '@berth/shared/store/intake';
import { createPostgresBackend, runMigrations, withBackend } from 'bullmq';
import express from 'express';
import pg from 'pg';

/**
 * What the intake is compared with: a route of Express that writes the same rows by the same statement and adds the same job, without
 * keys, validation, encryption, idempotency or problems. Prints its address on the first line.
 */
const connectionString = process.env.DATABASE_URL ?? '';
const migrator = new pg.Client({ connectionString });
await migrator.connect();
await runMigrations(migrator, 'bullmq');
await migrator.end();

const pool = new pg.Pool({ connectionString, max: 16, keepAlive: true });
const classes = withBackend(createPostgresBackend);
const options = '-c search_path=bullmq -c synchronous_commit=off';
const queue = new classes.Queue('domain', {
  connection: new pg.Pool({ connectionString, max: 12, keepAlive: true, options }),
  defaultJobOptions: { removeOnComplete: { age: 3600 }, removeOnFail: { age: 604_800 }, attempts: 1 },
} as never);

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.post('/v1/orders', express.json(), async (request, response) => {
  const { orderId, customer, domain, image, licenseKey } = request.body;
  const operationId = randomUUID();
  const order: NewOrder = {
    apiKeyId: process.env.API_KEY_ID ?? '',
    idempotencyKey: String(request.headers['idempotency-key']),
    fingerprint: orderId,
    orderId,
    customer: { externalId: customer.id, name: customer.name, email: customer.email },
    domain,
    domainUnicode: domain,
    image,
    licenseKeyEnc: licenseKey,
    envEnc: null,
    environment: 'production',
    memoryBytes: 536_870_912,
    cpus: 0.5,
    healthPath: '/health',
    profile: 'strict',
    wishedPort: null,
    existingZone: false,
    slug: operationId.replaceAll('-', '').slice(0, 10),
    operationId,
    causeId: operationId,
  };
  const { rows } = await pool.query({ ...takeOrderStatement, values: [...valuesOfOrder(order)] });
  const [{ conditionId }] = rows[0].hints;
  await queue.add(
    'condition.reconcile',
    { conditionId },
    { deduplication: { id: conditionId, keepLastIfActive: true } },
  );
  response.status(202).json({ orderId, site: rows[0].key, operation: operationId });
});

const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
