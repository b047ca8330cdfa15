import type { DnsFault } from '@berth/simulators/dns/registry';
import { type DnsSimulator, startDns } from '@berth/simulators/dns/start-dns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFindDelegation } from './find-delegation.ts';

let dns: DnsSimulator;
beforeEach(async () => {
  dns = await startDns();
});
afterEach(() => dns.stop());

const DS = { keyTag: 4711, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };

function find(domain: string, deadlineMs = 5000) {
  const [address = '', port = ''] = dns.address.split(':');
  return makeFindDelegation({ resolver: { address, port: Number(port) }, deadlineMs })(domain);
}

describe('makeFindDelegation', () => {
  test("gives the name servers that the parent's servers refer to", async () => {
    dns.registry.set('mustermann.de', { nameServers: ['NS2.Alt.example', 'ns1.alt.example'] });
    expect(await find('mustermann.de')).toEqual({
      parent: 'de',
      registered: true,
      nameServers: ['ns1.alt.example', 'ns2.alt.example'],
      ds: [],
      dsTtlSeconds: 0,
    });
  });

  test('gives the DS records of the parent, and how long they are remembered', async () => {
    dns.registry.set('mustermann.de', { ds: [DS] });
    const { ds, dsTtlSeconds } = await find('mustermann.de');
    expect(ds).toEqual([{ keyTag: 4711, algorithm: 13, digestType: 2 }]);
    expect(dsTtlSeconds).toBe(3600);
  });

  test('asks the closest zone above, which may be several labels up', async () => {
    dns.registry.addZone('co.uk');
    expect(await find('shop.co.uk')).toMatchObject({ parent: 'co.uk' });
    expect(await find('shop.kobe.jp')).toMatchObject({ parent: 'jp' });
  });

  test('says when the parent does not know the domain', async () => {
    dns.registry.set('frei.de', { registered: false });
    expect(await find('frei.de')).toMatchObject({ registered: false, nameServers: [] });
  });

  test('says when nothing is delegated', async () => {
    dns.registry.set('leer.de', { nameServers: [] });
    expect(await find('leer.de')).toMatchObject({ registered: true, nameServers: [] });
  });

  test('takes over TCP what does not fit into a datagram', async () => {
    dns.registry.fault = 'truncated';
    expect(await find('mustermann.de')).toMatchObject({ nameServers: ['ns1.registrar.example'] });
  });

  test('takes no more names than a zone has, and none that cannot be', async () => {
    dns.registry.fault = 'flood';
    const { nameServers } = await find('mustermann.de');
    expect(nameServers).toHaveLength(32);
    expect(nameServers.every((name) => /^n\d+\.e$/.test(name))).toBe(true);
  });

  test.each(['servfail', 'refused', 'lame'] satisfies DnsFault[])('says that nobody answers: %s', async (fault) => {
    dns.registry.fault = fault;
    await expect(find('mustermann.de')).rejects.toMatchObject({ code: 'dns.unavailable' });
  });

  test.each(['silent', 'garbage', 'loop', 'other-id'] satisfies DnsFault[])(
    'gives up in time when nothing that can be read comes: %s',
    async (fault) => {
      dns.registry.fault = fault;
      await expect(find('mustermann.de', 300)).rejects.toMatchObject({ code: 'dns.unavailable' });
    },
  );

  test('gives up when the resolver is not there', async () => {
    const gone = makeFindDelegation({ resolver: { address: '127.0.0.1', port: 9 }, deadlineMs: 300 });
    await expect(gone('mustermann.de')).rejects.toMatchObject({ code: 'dns.unavailable' });
  });
});
