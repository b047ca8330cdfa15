import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeFirewall } from '../../../services/container-worker/src/firewall/firewall.ts';
import { type Family, type Iptables, makeIptables } from '../../../services/container-worker/src/firewall/iptables.ts';
import { parseEgress } from '../../../services/container-worker/src/firewall/parse-egress.ts';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import {
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
} from '../../../services/container-worker/src/testing/placed-site.ts';
import { askSite } from '../engine/ask-site.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { answers, around, askFrom, makeNeighbourhood, type Neighbourhood } from './neighbourhood.ts';
import { runInContainer } from './run-in-container.ts';

const pool = '10.200.0.0/16';
/** What must answer is given the time of a busy machine; that nothing answers can't be waited for as long. */
const PATIENCE_SECONDS = 60;
const SILENCE_SECONDS = 2;
const firewall = (allow = '') => makeFirewall(makeIptables(), { pool, allowed: parseEgress(allow) ?? [] });

let engine: Engine;
let host: SiteHost;
let neighbourhood: Neighbourhood;
let ours: PlacedSite;
let other: PlacedSite;

beforeAll(async () => {
  engine = await startEngine();
  await importSiteImages(engine.docker, 'berth-test/site:1');
  host = await openSiteHost(engine.docker);
  neighbourhood = await makeNeighbourhood();
  // The one that tries to get out has all that a container of Berth can have.
  ours = await orderSite(host, { image: 'berth-test/site:1', profile: 'compatible' });
  other = await orderSite(host, { image: 'berth-test/site:1' });
  for (const site of [ours, other]) await lookUntil(host, site, 'Healthy');
});
afterAll(async () => {
  await neighbourhood.stop();
  await host.stop();
  await engine.stop();
});
beforeEach(async () => {
  await firewall().ensure();
});
afterEach(async () => {
  await firewall().remove();
});

/** What a customer's container gets from an address within so many seconds. @returns 'nothing' when it can't be reached */
async function answerWithin(seconds: number, site: PlacedSite, url: string): Promise<string> {
  const script = `timeout ${seconds} wget -q -O - '${url}'`;
  const { exitCode, output } = await runInContainer(engine.docker, site.name, script);
  return exitCode === 0 ? output : 'nothing';
}
const from = (site: PlacedSite, url: string) => answerWithin(PATIENCE_SECONDS, site, url);
/** The same of several at once. */
const fromAll = (site: PlacedSite, urls: readonly string[]) => Promise.all(urls.map((url) => from(site, url)));
/** Where nothing may come from: each takes all of the time. */
const refused = (site: PlacedSite, urls: readonly string[]) =>
  Promise.all(urls.map((url) => answerWithin(SILENCE_SECONDS, site, url)));
const all = (urls: readonly string[], answer: string) => urls.map(() => answer);
const inspect = (site: PlacedSite): Promise<Docker.ContainerInspectInfo> =>
  engine.docker.getContainer(site.name).inspect();
const networkOf = async (site: PlacedSite) => (await inspect(site)).NetworkSettings.Networks[site.name];
const page = (address: string) => `http://${address}:${answers.port}/`;
/** The tables as one has them whose process ends when it has written those of a family: nothing follows. */
function diesAfter(last: Family): Iptables {
  const iptables = makeIptables();
  let isDead = false;
  const living = <T>(work: () => Promise<T>) => (isDead ? Promise.reject(new Error('killed')) : work());
  return {
    families: () => iptables.families(),
    list: (family) => living(() => iptables.list(family)),
    restore: (family, lines) =>
      living(async () => {
        await iptables.restore(family, lines);
        isDead = family === last;
        if (isDead) throw new Error('killed');
      }),
  };
}
const answersItsHost = async (site: PlacedSite, patienceMs?: number) =>
  (await askSite((await numbersOf(host, site)).port, patienceMs)).status === 200;

describe('a customer’s container', () => {
  test('cannot reach another customer’s, by its address, a gateway, the host’s address or its published port', async () => {
    const { port } = await numbersOf(host, other);
    const theirs = await networkOf(other);
    const own = await networkOf(ours);
    expect(await from(ours, `http://${own?.IPAddress}:3000/`)).toBe('berth-test/site:1');
    const ways = [
      `${theirs?.IPAddress}:3000`,
      ...[theirs?.Gateway, own?.Gateway, around.host, '127.0.0.1', '172.17.0.1'].map((address) => `${address}:${port}`),
    ];
    const urls = ways.map((way) => `http://${way}/`);
    expect(await refused(ours, urls)).toEqual(all(urls, 'nothing'));
  });

  test('cannot reach services of the host, which could be reached without the firewall', async () => {
    const gateways = [(await networkOf(ours))?.Gateway ?? '', (await networkOf(other))?.Gateway ?? ''];
    const urls = [...gateways, around.host].map(page);
    expect(await refused(ours, urls)).toEqual(all(urls, 'nothing'));
    await firewall().remove();
    expect(await fromAll(ours, urls)).toEqual(all(urls, answers.host));
  });

  test('cannot reach the metadata address or private networks, but the internet', async () => {
    const { lan, ten, carrier, shared, metadata, internet } = around;
    const urls = [lan, ten, carrier, shared, metadata].map(page);
    expect(await refused(ours, urls)).toEqual(all(urls, 'nothing'));
    expect(await from(ours, page(internet))).toBe(answers.lan);
    await firewall().remove();
    expect(await fromAll(ours, urls)).toEqual(all(urls, answers.lan));
  });

  test('reaches what is allowed, on the port that is allowed, and never another customer', async () => {
    await firewall(`${around.ten}:${answers.port}, ${around.lan}:5432, ${pool}`).ensure();
    expect(await from(ours, page(around.ten))).toBe(answers.lan);
    const others = [page(around.lan), `http://${(await networkOf(other))?.IPAddress}:3000/`];
    expect(await refused(ours, others)).toEqual(all(others, 'nothing'));
  });

  test('has no IPv6 to get out by', async () => {
    const link = execFileSync('ip', ['-6', '-o', 'addr', 'show', 'dev', 'lan0', 'scope', 'link'], { encoding: 'utf8' });
    const linkLocal = / (fe80:[0-9a-f:]+)\//.exec(link)?.[1];
    const urls = [around.hostV6, around.lanV6, '::1', `${linkLocal}%eth0`, 'ff02::1%eth0'].map((one) =>
      page(`[${one}]`),
    );
    expect(await refused(ours, urls)).toEqual(all(urls, 'nothing'));
    const { output } = await runInContainer(
      engine.docker,
      ours.name,
      'ip -6 addr; cat /proc/net/if_inet6; cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6',
    );
    expect(output.split('\n').at(-1)).toBe('1');
    expect(output).not.toContain('eth0: ');
    const enable = await runInContainer(engine.docker, ours.name, 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6');
    expect(enable.exitCode).not.toBe(0);
  });

  test('gets nowhere by IPv6 where its network was given addresses by hand, but for the firewall', async () => {
    const { Pid } = (await inspect(ours)).State;
    const bridge = `berth${(await numbersOf(host, ours)).slot}`;
    const onHost = (script: string) => execFileSync('sh', ['-ec', script]);
    const within = (script: string) => execFileSync('nsenter', ['-t', String(Pid), '--net', 'sh', '-ec', script]);
    const setting = (device: string) => `/proc/sys/net/ipv6/conf/${device}/disable_ipv6`;
    const disabled = readFileSync(setting(bridge), 'utf8').trim();
    onHost(`echo 0 > ${setting(bridge)}; ip addr add fd00:88::1/64 dev ${bridge} nodad`);
    within(`echo 0 > ${setting('eth0')}; ip addr add fd00:88::2/64 dev eth0 nodad
      ip -6 route add default via fd00:88::1`);
    try {
      const urls = ['fd00:88::1', around.hostV6].map((address) => page(`[${address}]`));
      expect(await refused(ours, urls)).toEqual(all(urls, 'nothing'));
      await firewall().remove();
      const reached = (url: string) => answerWithin(SILENCE_SECONDS, ours, url);
      for (const url of urls) await expect.poll(() => reached(url), { timeout: 60_000 }).toBe(answers.host);
    } finally {
      within(`echo 1 > ${setting('eth0')}`);
      onHost(`ip addr del fd00:88::1/64 dev ${bridge}; echo ${disabled} > ${setting(bridge)}`);
    }
  });

  test('answers its host, and nobody beside it', async () => {
    expect(await answersItsHost(ours)).toBe(true);
    const address = (await networkOf(ours))?.IPAddress;
    const { port } = await numbersOf(host, ours);
    const ways = [`http://${address}:3000/`, `http://${around.host}:${port}/`];
    for (const way of ways) expect(await neighbourhood.askFromLan(way, SILENCE_SECONDS), way).toBeUndefined();
    await firewall().remove();
    expect(await neighbourhood.askFromLan(ways[0] ?? '', PATIENCE_SECONDS)).toBe('berth-test/site:1\n');
  });
});

describe('the firewall', () => {
  const rules = (program = 'iptables') => execFileSync(program, ['-w', '-S'], { encoding: 'utf8' });
  const isShut = async () => (await refused(ours, [page(around.host), page(around.ten)])).join('');

  test('changes nothing when it stands already', async () => {
    const before = rules() + rules('ip6tables');
    expect(await firewall().ensure()).toBe(false);
    expect(rules() + rules('ip6tables')).toBe(before);
  });

  test('is put up by many at once as by one', async () => {
    await firewall().remove();
    const wanted = await Promise.allSettled([1, 2, 3, 4].map(() => firewall().ensure()));
    expect(wanted.some(({ status }) => status === 'fulfilled')).toBe(true);
    await firewall().ensure();
    expect(rules().match(/-j BERTH-INPUT/g)).toHaveLength(1);
    expect(await isShut()).toBe('nothingnothing');
  });

  test.each([
    ['Docker’s chain for it was flushed', ['-F', 'DOCKER-USER']],
    ['one of its chains was emptied', ['-F', 'BERTH-EGRESS']],
    ['a rule that accepts was put before it', ['-I', 'INPUT', '-i', 'berth+', '-j', 'ACCEPT']],
    ['everything was flushed', ['-F']],
  ])('is repaired after %s', async (_, command) => {
    execFileSync('iptables', ['-w', ...command]);
    expect(await firewall().ensure()).toBe(true);
    expect(await isShut()).toBe('nothingnothing');
    expect(await answersItsHost(ours)).toBe(true);
    if (command.includes('ACCEPT')) execFileSync('iptables', ['-w', ...command.with(0, '-D')]);
  });

  test.each(makeIptables().families())(
    'ends as it should after its worker died with the %s rules just written, or just taken away',
    async (family) => {
      await firewall().ensure();
      const whole = rules() + rules('ip6tables');
      await firewall().remove();
      const without = rules() + rules('ip6tables');
      const dying = () => makeFirewall(diesAfter(family), { pool, allowed: [] });
      await expect(dying().ensure()).rejects.toThrow('killed');
      await firewall().ensure();
      expect(rules() + rules('ip6tables')).toBe(whole);
      await expect(dying().remove()).rejects.toThrow('killed');
      await firewall().remove();
      expect(rules() + rules('ip6tables')).toBe(without);
    },
  );

  test('stands through a restart of the daemon, or is repaired after it', async () => {
    const { Pid } = (await inspect(ours)).State;
    await engine.daemon.end();
    expect(await askFrom(Pid, `http://127.0.0.1:3000/`, PATIENCE_SECONDS)).toBe('berth-test/site:1\n');
    expect(await askFrom(Pid, page(around.host), SILENCE_SECONDS)).toBeUndefined();
    await engine.daemon.start();
    await firewall().ensure();
    expect(await isShut()).toBe('nothingnothing');
    expect(await from(ours, page(around.internet))).toBe(answers.lan);
    await expect.poll(() => answersItsHost(ours, 10_000), { timeout: 60_000 }).toBe(true);
  });

  test('leaves nothing behind when it is taken away', async () => {
    expect(await firewall().remove()).toBe(true);
    expect(rules() + rules('ip6tables')).not.toContain('BERTH');
    expect(await firewall().remove()).toBe(false);
  });
});
