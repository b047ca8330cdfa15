import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookEvent } from '@berth/contract/webhook-events';
import { Webhook } from 'standardwebhooks';

/** Takes what Berth tells by webhooks. */
export interface WebhookReceiver {
  /** to be given to `POST /v1/webhooks` */
  url: string;
  /** Verifies messages by the secret that this was answered with. */
  trust(secret: string): void;
  stop(): Promise<void>;
}

interface Options {
  /** called once for each message, whatever is repeated */
  onMessage(message: WebhookEvent): void;
  /** 0 takes a free one */
  port?: number;
}

const LARGEST = 256 * 1024;

/** Starts a receiver on loopback. Of a real one the ids that were worked on would be kept in its database, for some days. */
export async function startWebhookReceiver({ onMessage, port = 0 }: Options): Promise<WebhookReceiver> {
  const known = new Set<string>();
  let webhook: Webhook | undefined;
  const server = createServer(async (request, response) => {
    try {
      const body = await read(request);
      // Verified as it came, before it is parsed; refuses what is older than five minutes, too.
      const message = webhook?.verify(body, request.headers as Record<string, string>) as WebhookEvent | undefined;
      if (!message) return void response.writeHead(503).end();
      const id = String(request.headers['webhook-id']);
      if (!known.has(id)) onMessage(message);
      known.add(id);
      response.writeHead(204).end();
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/berth`,
    trust(secret) {
      webhook = new Webhook(secret);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST) throw new Error('too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
