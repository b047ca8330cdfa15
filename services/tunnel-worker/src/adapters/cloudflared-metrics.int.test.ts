import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCloudflaredMetrics } from './cloudflared-metrics.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function observe(answers: Record<string, [status: number, text: string]>) {
  const server = createServer(({ url }, response) => {
    const [status, text] = answers[url ?? ''] ?? [404, ''];
    response.writeHead(status).end(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return makeCloudflaredMetrics().observe(`127.0.0.1:${port}`, new AbortController().signal);
}

const live = JSON.stringify({ version: -1, config: { ingress: [{ service: 'http_status:404' }], originRequest: {} } });

describe('makeCloudflaredMetrics', () => {
  test('gives the configuration that runs, and whether the edge is reached', async () => {
    expect(await observe({ '/config': [200, live], '/ready': [200, '{}'] })).toEqual({ config: live, connected: true });
    expect(await observe({ '/config': [200, live], '/ready': [503, '{}'] })).toEqual({
      config: live,
      connected: false,
    });
  });

  test.each([['{}'], ['null'], ['<h1>Something else</h1>'], ['{"config":"theirs"}']])(
    'takes no other answer for a configuration: %s',
    async (text) => {
      expect((await observe({ '/config': [200, text] })).config).toBeUndefined();
      expect((await observe({ '/config': [500, live] })).config).toBeUndefined();
    },
  );

  test('says of an address where nobody listens that nothing runs there', async () => {
    const seen = await makeCloudflaredMetrics().observe('127.0.0.1:1', new AbortController().signal);
    expect(seen).toEqual({ config: undefined, connected: false });
  });
});
