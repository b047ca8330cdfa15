import { readFile } from 'node:fs/promises';
import { makeBerthClient, type Order } from './berth-client.ts';

const USAGE = `usage: BERTH_API_URL=http://127.0.0.1:8080 BERTH_API_KEY=… npm start -w examples/order-system -- ORDER.json
Posts the order and tells what happens to the site until it is live. Run it again at any time: the order stays one order.
`;
const EXIT_USAGE = 64;

const { BERTH_API_URL, BERTH_API_KEY } = process.env;
const [file, ...surplus] = process.argv.slice(2);
if (!BERTH_API_URL || !BERTH_API_KEY || file === undefined || surplus.length > 0) {
  process.stderr.write(USAGE);
  process.exit(EXIT_USAGE);
}

try {
  const berth = makeBerthClient({ apiUrl: BERTH_API_URL, apiKey: BERTH_API_KEY });
  const order: Order = JSON.parse(await readFile(file, 'utf8'));
  const { accepted, repeated } = await berth.placeOrder(order);
  console.log(`order ${accepted.orderId} ${repeated ? 'was accepted before' : 'is accepted'}: site ${accepted.site}`);
  for await (const event of berth.followSite(accepted.site)) {
    console.log(`${event.at}  ${event.aspect ?? ''} ${event.reason ?? event.type}  ${event.message}`);
    if (event.type === 'order.live' || event.type === 'site.gone') break;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
