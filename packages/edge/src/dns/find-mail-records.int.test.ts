import { Registry, type SimulatedRecord } from '@berth/simulators/dns/registry';
import { type DnsSimulator, startDns } from '@berth/simulators/dns/start-dns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFindMailRecords } from './find-mail-records.ts';

const NAME = 'mustermann.de';
const PATIENCE_MS = 60_000;

let dns: DnsSimulator;
let known: SimulatedRecord[];
beforeEach(async () => {
  known = [];
  dns = await startDns(new Registry(undefined, (name) => known.filter((record) => record.name === name)));
});
afterEach(() => dns.stop());

const find = async (deadlineMs = PATIENCE_MS) => {
  const [address = '', port = ''] = dns.address.split(':');
  const found = await makeFindMailRecords({ resolver: { address, port: Number(port) }, deadlineMs })(NAME);
  return found.map(({ type, name, content }) => `${type} ${name} ${content}`).sort();
};
const mx = (content: string, priority = 10) => ({ type: 'MX', name: NAME, content, priority });
const txt = (name: string, content: string) => ({ type: 'TXT', name, content });

describe('makeFindMailRecords', () => {
  test('finds where mail goes, what it needs there, its policies and its keys', async () => {
    const long = `"v=DKIM1; k=rsa; p=${'A'.repeat(392)}"`;
    known = [
      mx(`hosted.${NAME}`),
      mx('mx.alt.example', 20),
      { type: 'A', name: `hosted.${NAME}`, content: '192.0.2.25' },
      { type: 'AAAA', name: `hosted.${NAME}`, content: '2001:db8::25' },
      txt(NAME, '"v=spf1 mx -all"'),
      txt(NAME, '"google-site-verification=abc"'),
      txt(`_dmarc.${NAME}`, '"v=DMARC1; p=reject"'),
      txt(`s1-ionos._domainkey.${NAME}`, long),
      { type: 'CNAME', name: `selector1._domainkey.${NAME}`, content: 'selector1.alt.example' },
      txt('selector1.alt.example', '"v=DKIM1; p=abcdefgh"'),
    ];
    const key = `"${long.slice(1, 256)}" "${long.slice(256)}`;
    expect(await find()).toEqual(
      [
        `MX ${NAME} hosted.${NAME}`,
        `MX ${NAME} mx.alt.example`,
        `A hosted.${NAME} 192.0.2.25`,
        `AAAA hosted.${NAME} 2001:db8::25`,
        `TXT ${NAME} "v=spf1 mx -all"`,
        `TXT _dmarc.${NAME} "v=DMARC1; p=reject"`,
        `TXT s1-ionos._domainkey.${NAME} ${key}`,
        `CNAME selector1._domainkey.${NAME} selector1.alt.example`,
      ].sort(),
    );
  });

  test('finds a host that mail goes to behind its alias, once', async () => {
    known = [
      mx(`mail.${NAME}`),
      { type: 'CNAME', name: `mail.${NAME}`, content: 'host.alt.example' },
      { type: 'A', name: 'host.alt.example', content: '192.0.2.26' },
    ];
    expect(await find()).toEqual([`CNAME mail.${NAME} host.alt.example`, `MX ${NAME} mail.${NAME}`]);
  });

  test('finds nothing where there is no mail, and does not go on asking', async () => {
    known = [{ type: 'A', name: NAME, content: '192.0.2.10' }, mx('.', 0)];
    expect(await find()).toEqual([]);
    expect(dns.asked.get('TXT')).toBe(2);
  });

  test('takes no alias that answers to every name for a key', async () => {
    known = [
      mx('mx.alt.example'),
      { type: 'CNAME', name: `default._domainkey.${NAME}`, content: 'parked.example' },
      txt('parked.example', '"this name is for sale"'),
    ];
    expect(await find()).toEqual([`MX ${NAME} mx.alt.example`]);
  });

  test('says that nobody knows when the resolver gets no answer', async () => {
    dns.registry.resolverFails = true;
    await expect(find()).rejects.toMatchObject({ code: 'dns.unavailable' });
  });
});
