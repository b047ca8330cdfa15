import { createServer, type Server } from 'node:net';
import { makeEdgeProbe } from '@berth/edge/edge-probe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../testing/stage.ts';
import { freePort, orderSite } from '../testing/stage-site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const aSignal = () => new AbortController().signal;
const look = (probe: ReturnType<typeof makeEdgeProbe>, hostname: string, signal = aSignal()) =>
  probe.look({ hostname, path: '/.well-known/berth/x', nameServers: [], expectsPage: true }, signal);

describe('makeEdgeProbe', () => {
  test('trusts the edge by the certificates of its file, and by no others', async () => {
    const { edgeAddress: address, edgeCaFile: caFile } = stage.simulator;
    const { domain } = await orderSite(stage);
    expect(await look(makeEdgeProbe({ address, caFile }), domain)).toMatchObject({
      kind: 'not-proven',
      edgeCode: 1016,
    });
    expect(await makeEdgeProbe({ address, caFile }).hasCertificate(domain, [], aSignal())).toBe(true);
    expect(await look(makeEdgeProbe({ address }), domain)).toEqual({ kind: 'no-certificate' });
    expect(await makeEdgeProbe({ address }).hasCertificate(domain, [], aSignal())).toBe(false);
  });

  test('sees no certificate for a name that the edge does not serve', async () => {
    const { edgeAddress: address, edgeCaFile: caFile } = stage.simulator;
    expect(await look(makeEdgeProbe({ address, caFile }), 'nobody.example')).toEqual({ kind: 'no-certificate' });
  });

  test('sees nobody where nobody listens, and where nobody answers in time', async () => {
    const closed = makeEdgeProbe({ address: `127.0.0.1:${await freePort(0)}` });
    expect(await look(closed, 'example.com')).toMatchObject({ kind: 'unreachable' });
    const silent: Server = createServer();
    const port = await new Promise<number>((resolve) =>
      silent.listen(0, '127.0.0.1', () => {
        const address = silent.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      }),
    );
    const impatient = makeEdgeProbe({ address: `127.0.0.1:${port}`, timeoutMs: 100 });
    expect(await look(impatient, 'example.com')).toMatchObject({ kind: 'unreachable' });
    silent.close();
  });

  test('asks nobody but the name servers where no address is given', async () => {
    expect(await look(makeEdgeProbe({}), 'example.com')).toMatchObject({ kind: 'unreachable' });
  });

  test('ends when told to', async () => {
    const reason = new Error('the process stops');
    const { edgeAddress: address } = stage.simulator;
    const stopped = look(makeEdgeProbe({ address }), 'example.com', AbortSignal.abort(reason));
    await expect(stopped).rejects.toBe(reason);
  });
});
