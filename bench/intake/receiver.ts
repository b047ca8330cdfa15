import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// An endpoint that takes whatever comes. Prints its address on the first line.
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(204).end());
}).listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
