import { randomUUID } from 'node:crypto';
import type { Operation } from '@berth/contract/operation';
import type { OrderAccepted } from '@berth/contract/order';
import { Failure } from '../failure.ts';
import { readSecret } from '../settings.ts';
import { askOf, type ChangeOptions, patience, type Shell, tellChange } from './shell.ts';

interface CreateOptions extends ChangeOptions {
  domain: string;
  image: string;
  order?: string;
  name?: string;
  email: string;
  port?: number;
  environment: string;
  memory?: string;
  cpus?: string;
  healthPath?: string;
  profile?: string;
  env: string[];
  existingZone?: boolean;
}

/** Orders a site of both parts; the order's id is its Idempotency-Key, so it can be sent again. */
export async function createSite(shell: Shell, customer: string, options: CreateOptions): Promise<void> {
  const ask = askOf(shell);
  const body = toOrder(shell, customer, options);
  const accepted = await ask<OrderAccepted>({
    doing: `ordering a site for ${options.domain}`,
    method: 'POST',
    path: '/v1/orders',
    body,
    headers: { 'idempotency-key': `order-${body.orderId}` },
    repeatable: true,
    ...patience(shell, options),
  });
  const { site, operation } = accepted;
  if (options.json && !options.wait) {
    shell.out.line(JSON.stringify(accepted, null, 2));
    return;
  }
  const begun = await ask<Operation>({ doing: `following order ${body.orderId}`, path: operation.url });
  await tellChange(shell, options, {
    ask,
    operation: begun,
    begun: `order ${accepted.orderId} was accepted: site ${site}`,
    done: () => `site ${site} is live: https://${accepted.domain}`,
  });
}

function toOrder(shell: Shell, customer: string, options: CreateOptions) {
  const { domain, image, order, name, email, port, environment, memory, cpus, healthPath, profile } = options;
  const licenseKey = readSecret(shell.environment, 'LICENSE_KEY');
  if (licenseKey === undefined) {
    throw new Failure({
      ending: 'config',
      what: 'LICENSE_KEY is missing',
      fix: 'export LICENSE_KEY=…, or LICENSE_KEY_FILE',
    });
  }
  const env = Object.fromEntries(options.env.map(parseVariable));
  return {
    orderId: order ?? `cli-${randomUUID()}`,
    customer: { id: customer, name: name ?? customer, email },
    domain,
    image,
    licenseKey,
    environment,
    ...(port !== undefined && { port }),
    ...(memory && { memory }),
    ...(cpus && { cpus }),
    ...(healthPath && { healthPath }),
    ...(profile && { profile }),
    ...(options.env.length > 0 && { env }),
    ...(options.existingZone && { existingZone: true }),
  };
}

function parseVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new Failure({ ending: 'usage', what: `--env takes NAME=value, not ${text}` });
}
