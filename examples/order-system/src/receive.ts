import { startWebhookReceiver } from './webhook-receiver.ts';

const USAGE = `usage: WEBHOOK_SECRET=whsec_… PORT=4000 npm run receive -w examples/order-system
Takes Berth's webhooks at http://127.0.0.1:PORT/berth and tells of each; the secret is what POST /v1/webhooks answered.
`;
const EXIT_USAGE = 64;

const { WEBHOOK_SECRET, PORT } = process.env;
if (!WEBHOOK_SECRET || !PORT) {
  process.stderr.write(USAGE);
  process.exit(EXIT_USAGE);
}

const receiver = await startWebhookReceiver({
  port: Number(PORT),
  onMessage: ({ type, timestamp, data }) =>
    console.log(`${timestamp}  ${type}  ${'domain' in data ? data.domain : data.customer}`),
});
receiver.trust(WEBHOOK_SECRET);
console.log(`webhooks are taken at ${receiver.url}`);
