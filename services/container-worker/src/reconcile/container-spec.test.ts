import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import type { ContainerWish, Release } from '@berth/shared/store/containers';
import { describe, expect, test } from 'vitest';
import { containerSpec, networkSpec } from './container-spec.ts';

const vault = makeVault(new Secret(Buffer.alloc(32, 1).toString('base64')));

const release: Release = {
  number: 3,
  image: 'registry.example.org/site:3',
  licenseKeyEnc: vault.encrypt('LICENCE-1'),
  profile: 'strict',
  outcome: 'pending',
  digest: null,
  startedSeconds: null,
};

const wish: ContainerWish = {
  siteId: 'a-site',
  siteKey: 'customer_123.2',
  customerId: 'customer_123',
  siteWanted: 'running',
  generation: 5,
  placementWanted: 'serving',
  hostId: 'alpha',
  pool: 'customer',
  port: 3107,
  portWished: false,
  slot: 18,
  memoryBytes: 512 * 1024 ** 2,
  cpus: 0.5,
  healthPath: '/health',
  envEnc: null,
  releases: [release],
  restart: { wanted: 0, started: 0, from: null, done: 0 },
};

const specOf = (changed: Partial<ContainerWish> = {}, of: Partial<Release> = {}) =>
  containerSpec({ ...wish, ...changed }, 'a-placement', { ...release, ...of }, vault);

describe('containerSpec', () => {
  test('gives the container of the seed document', () => {
    expect(specOf()).toMatchObject({
      image: 'registry.example.org/site:3',
      env: { DELQHI_CUSTOMER_ID: 'customer_123', DELQHI_LICENSE_KEY: 'LICENCE-1' },
      memoryBytes: 536_870_912,
      cpus: 0.5,
      pidsLimit: 256,
      restartPolicy: 'unless-stopped',
      port: 3107,
      network: 'customer-customer_123.2',
      profile: 'strict',
    });
  });

  test('labels it with whose it is, and nothing about the customer', () => {
    const { labels, mark } = specOf();
    expect(labels).toEqual({
      'berth.site': 'a-site',
      'berth.placement': 'a-placement',
      'berth.release': '3',
      'berth.generation': '5',
      'berth.mark': mark,
    });
  });

  test('adds the environment of the order, which cannot replace what Berth sets', () => {
    const envEnc = vault.encrypt(JSON.stringify({ MODE: 'a=b', DELQHI_LICENSE_KEY: 'forged' }));
    expect(specOf({ envEnc }).env).toEqual({
      MODE: 'a=b',
      DELQHI_CUSTOMER_ID: 'customer_123',
      DELQHI_LICENSE_KEY: 'LICENCE-1',
    });
  });

  test('takes the licence key of the release, not of the site', () => {
    expect(specOf({}, { licenseKeyEnc: vault.encrypt('LICENCE-2') }).env.DELQHI_LICENSE_KEY).toBe('LICENCE-2');
  });

  test('says which secret cannot be read', () => {
    const other = makeVault(new Secret(Buffer.alloc(32, 2).toString('base64')));
    expect(() => specOf({}, { licenseKeyEnc: other.encrypt('x') })).toThrow('BERTH_SECRETS_KEY lacks');
  });

  test('marks equal wishes alike, however often they are sealed', () => {
    expect(specOf({}, { licenseKeyEnc: vault.encrypt('LICENCE-1') }).mark).toBe(specOf().mark);
    expect(specOf({ generation: 6, healthPath: '/' }).mark).toBe(specOf().mark);
  });

  test.each<[string, Partial<ContainerWish>, Partial<Release>]>([
    ['image', {}, { image: 'registry.example.org/site:4' }],
    ['licence key', {}, { licenseKeyEnc: vault.encrypt('LICENCE-2') }],
    ['profile', {}, { profile: 'compatible' }],
    ['environment', { envEnc: vault.encrypt('{"A":"1"}') }, {}],
    ['memory', { memoryBytes: 1024 ** 3 }, {}],
    ['share of the processor', { cpus: 1 }, {}],
    ['port', { port: 3108 }, {}],
  ])('marks another %s differently', (_, changed, of) => {
    expect(specOf(changed, of).mark).not.toBe(specOf().mark);
  });

  test('lets nobody read the licence key from the mark', () => {
    expect(specOf().mark).toMatch(/^[0-9a-f]{20}$/);
  });
});

describe('networkSpec', () => {
  test('gives the sixteen addresses of the slot, its bridge, and whose it is', () => {
    expect(networkSpec(wish, 'a-placement', '10.200.0.0/16')).toEqual({
      name: 'customer-customer_123.2',
      subnet: '10.200.1.32/28',
      gateway: '10.200.1.33',
      bridge: 'berth18',
      labels: { 'berth.site': 'a-site', 'berth.placement': 'a-placement' },
    });
  });

  test('cuts them from the pool that is set, whichever it is', () => {
    const spec = networkSpec(wish, 'a-placement', '172.16.0.0/12');
    expect(spec).toMatchObject({ subnet: '172.16.1.32/28', gateway: '172.16.1.33' });
  });

  test('gives two slots addresses of their own', () => {
    const subnets = [0, 1, 4095].map((slot) => networkSpec({ ...wish, slot }, 'p', '10.200.0.0/16').subnet);
    expect(subnets).toEqual(['10.200.0.0/28', '10.200.0.16/28', '10.200.255.240/28']);
  });
});
