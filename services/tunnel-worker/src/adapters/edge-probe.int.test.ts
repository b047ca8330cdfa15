import { createServer, type Server } from 'node:net';
import { makeEdgeProbe } from '@berth/edge/edge-probe';
import { Registry } from '@berth/simulators/dns/registry';
import { type DnsSimulator, startDns } from '@berth/simulators/dns/start-dns';
import { freePort } from '@berth/simulators/testing/free-port';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../testing/stage.ts';
import { orderSite } from '../testing/stage-site.ts';

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
    expect(await makeEdgeProbe({ address, caFile }).hasCertificate(domain, aSignal())).toBe(true);
    expect(await look(makeEdgeProbe({ address }), domain)).toEqual({ kind: 'no-certificate' });
    expect(await makeEdgeProbe({ address }).hasCertificate(domain, aSignal())).toBe(false);
  });

  test('asks the edge itself whether it has a certificate, wherever the name leads', async () => {
    const { edgeAddress: edge, edgeCaFile: caFile, control } = stage.simulator;
    const { domain } = await orderSite(stage);
    const probe = makeEdgeProbe({ edge, caFile });
    expect(await probe.hasCertificate(domain, aSignal())).toBe(true);
    await control.holdCertificate(domain);
    expect(await probe.hasCertificate(domain, aSignal())).toBe(false);
  });

  describe('without an address of its own,', () => {
    let dns: DnsSimulator;
    let known: { type: string; name: string; content: string }[];
    beforeEach(async () => {
      known = [];
      dns = await startDns(new Registry(undefined, (name) => known.filter((record) => record.name === name)));
    });
    afterEach(() => dns.stop());

    const portOf = (address: string) => Number(address.split(':')[1]);
    const nameServers = ['localhost'];
    /** A name that leads to a web server at this port, and what looks at it. */
    async function leading(https: number) {
      const { edgeAddress: edge, edgeCaFile: caFile } = stage.simulator;
      const { domain } = await orderSite(stage);
      known.push({ type: 'A', name: domain, content: '127.0.0.1' });
      const probe = makeEdgeProbe({ edge, caFile, ports: { dns: portOf(dns.address), https } });
      const target = { hostname: domain, path: '/.well-known/berth/x', nameServers, expectsPage: true };
      return {
        domain,
        isServed: () => probe.isServed(domain, nameServers, aSignal()),
        lookAtIt: () => probe.look(target, aSignal()),
      };
    }

    test('sees whether a name is served by https where its own name servers say that it leads', async () => {
      const { domain, isServed } = await leading(portOf(stage.simulator.edgeAddress));
      expect(await isServed()).toBe(true);
      await stage.simulator.control.holdCertificate(domain);
      expect(await isServed()).toBe(false);
      await stage.simulator.control.issueCertificate(domain);
      known.pop();
      expect(await isServed()).toBe(false);
    });

    test('says that a name leads past an edge that has a certificate for it, to nobody or nowhere', async () => {
      const { domain, lookAtIt } = await leading(await freePort());
      expect(await lookAtIt()).toEqual({ kind: 'leads-past' });
      await stage.simulator.control.holdCertificate(domain);
      expect(await lookAtIt()).toMatchObject({ kind: 'unreachable' });
      await stage.simulator.control.issueCertificate(domain);
      known.pop();
      expect(await lookAtIt()).toEqual({ kind: 'leads-past' });
    });
  });

  test('takes a name for served as long as nobody can say where it leads', async () => {
    expect(await makeEdgeProbe({}).isServed('example.com', [], aSignal())).toBe(true);
    expect(await makeEdgeProbe({ address: '127.0.0.1:1' }).isServed('example.com', [], aSignal())).toBe(true);
  });

  test('sees no certificate for a name that the edge does not serve', async () => {
    const { edgeAddress: address, edgeCaFile: caFile } = stage.simulator;
    expect(await look(makeEdgeProbe({ address, caFile }), 'nobody.example')).toEqual({ kind: 'no-certificate' });
  });

  test('sees nobody where nobody listens, and where nobody answers in time', async () => {
    const closed = makeEdgeProbe({ address: `127.0.0.1:${await freePort()}` });
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
