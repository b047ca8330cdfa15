import { proofPath, proofToken } from '@berth/shared/domain/proof';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ConnectorSpec, connectorFiles } from './connector-files.ts';

const tunnelId = 'f7a1c2d3-0000-4000-8000-000000000001';
const paths = {
  configDir: '/etc/cloudflared',
  unitDir: '/etc/systemd/system',
  cloudflared: '/usr/local/bin/cloudflared',
};
const spec: ConnectorSpec = {
  siteKey: 'customer_123',
  accountId: '5e1d000000000000000000000000beef',
  tunnelId,
  hostnames: ['example.com', 'www.example.com'],
  port: 3100,
  metricsAddress: '127.0.0.1:20000',
  tunnelSecret: Buffer.alloc(32, 1).toString('base64'),
  proofSecret: 'proof secret',
};

const files = (changes: Partial<ConnectorSpec> = {}) => connectorFiles({ ...spec, ...changes }, paths);
const settingsOf = (text: string) => text.split('\n').filter((line) => line.includes('='));

describe('connectorFiles', () => {
  test("lie where the seed's names say", () => {
    const { credentials, config, unit, dropIn } = files();
    expect(config.path).toBe('/etc/cloudflared/customer-customer_123.yml');
    expect(credentials.path).toBe('/etc/cloudflared/customer-customer_123.json');
    expect(unit.path).toBe('/etc/systemd/system/cloudflared-customer-customer_123.service');
    expect(dropIn.path).toBe('/etc/systemd/system/cloudflared-customer-.service.d/50-berth.conf');
  });

  test('keep the credentials from everybody but their owner', () => {
    expect(files().credentials.mode).toBe(0o600);
  });

  test("hold the seed's configuration behind the proof rules", () => {
    const config = parse(files().config.content);
    expect(config).toMatchObject({ tunnel: tunnelId, 'credentials-file': `/etc/cloudflared/${tunnelId}.json` });
    expect(config.ingress.slice(4)).toEqual([
      { hostname: 'example.com', service: 'http://localhost:3100' },
      { hostname: 'www.example.com', service: 'http://localhost:3100' },
      { service: 'http_status:404' },
    ]);
    expect(config.ingress.slice(0, 4)).toEqual(
      ['http_status:204', 'http_status:404'].flatMap((service) =>
        ['example.com', 'www.example.com'].map((hostname) => ({ hostname, path: expect.any(String), service })),
      ),
    );
  });

  test('let the proof rules match the proof path and nothing beside it', () => {
    const path = proofPath(proofToken(spec, spec.proofSecret));
    const rule = new RegExp(parse(files().config.content).ingress[0].path);
    expect(rule.test(path)).toBe(true);
    for (const other of [`${path}x`, `/x${path}`, path.replace('.well-known', 'xwell-known'), '/']) {
      expect(rule.test(other), other).toBe(false);
    }
  });

  test('let nothing that is asked for below the proof paths come to the container', () => {
    const rule = new RegExp(parse(files({ hostnames: ['example.com'] }).config.content).ingress[1].path);
    const another = proofPath(proofToken(spec, 'another secret'));
    for (const path of [another, `${another}/x`, '/.well-known/berth/']) expect(rule.test(path), path).toBe(true);
    for (const path of ['/.well-known/berth', '/x/.well-known/berth/x', '/xwell-known/berth/x', '/']) {
      expect(rule.test(path), path).toBe(false);
    }
  });

  test('tell cloudflared where it serves its metrics and how long it may take to end', () => {
    expect(parse(files().config.content)).toMatchObject({
      metrics: '127.0.0.1:20000',
      'no-autoupdate': true,
      'grace-period': '10s',
    });
  });

  test.each([
    'a: b',
    '- x',
    '# nothing',
    '"quoted"',
    "it's",
    '*.example.com',
    '&anchor',
    '!tag',
    '{a: b}',
    'yes',
    '0x10',
    '1e3',
    'null',
    'line\nbreak: x',
    `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example.com`,
  ])('carry the host name %j through YAML unharmed', (hostname) => {
    const { ingress } = parse(files({ hostnames: [hostname] }).config.content);
    expect(ingress).toEqual([
      { hostname, path: expect.any(String), service: 'http_status:204' },
      { hostname, path: expect.any(String), service: 'http_status:404' },
      { hostname, service: 'http://localhost:3100' },
      { service: 'http_status:404' },
    ]);
  });

  test("hold what cloudflared's own credentials file holds", () => {
    expect(JSON.parse(files().credentials.content)).toEqual({
      AccountTag: spec.accountId,
      TunnelSecret: spec.tunnelSecret,
      TunnelID: tunnelId,
      Endpoint: '',
    });
  });

  test("keep the seed's description, restart, install target and path of cloudflared", () => {
    const { content } = files().unit;
    expect(settingsOf(content)).toEqual(
      expect.arrayContaining([
        'Description=Cloudflare Tunnel for Customer customer_123',
        'After=network.target',
        'Restart=always',
        'WantedBy=multi-user.target',
        expect.stringMatching(/^ExecStart=\/usr\/local\/bin\/cloudflared tunnel .* run$/),
      ]),
    );
  });

  test('have both files copied for cloudflared alone, at each start and by root', () => {
    const settings = settingsOf(files().unit.content);
    const copies = '%t/cloudflared-customer-customer_123';
    expect(settings).toEqual(
      expect.arrayContaining([
        'RuntimeDirectory=cloudflared-customer-customer_123',
        'RuntimeDirectoryMode=0700',
        'ExecStartPre=+/usr/bin/install -m 0444 /etc/cloudflared/customer-customer_123.yml ' +
          `/etc/cloudflared/customer-customer_123.json ${copies}/`,
      ]),
    );
    expect(settings.find((line) => line.startsWith('ExecStart='))).toContain(
      ` --config ${copies}/customer-customer_123.yml --credentials-file ${copies}/customer-customer_123.json run`,
    );
  });

  test('load no credentials, which would slow down every start of every unit', () => {
    const { unit, dropIn } = files();
    expect(unit.content + dropIn.content).not.toMatch(/LoadCredential|SetCredential/);
  });

  test('leave cloudflared more time to stop than it takes at most', () => {
    const stop = /^TimeoutStopSec=(\d+)$/m.exec(files().unit.content)?.[1];
    expect(Number(stop)).toBeGreaterThan(10);
  });

  test('change neither the unit nor the drop-in with anything but the key', () => {
    const changed = files({
      port: 3999,
      hostnames: ['other.org'],
      tunnelId: 'f7a1c2d3-0000-4000-8000-000000000002',
      metricsAddress: '127.0.0.1:20002',
      tunnelSecret: 'other',
    });
    expect(changed.unit).toEqual(files().unit);
    expect(changed.dropIn).toEqual(files({ siteKey: 'customer_9.2' }).dropIn);
    expect(changed.config.content).not.toBe(files().config.content);
  });

  test.each<Partial<ConnectorSpec>>([
    { port: 3101 },
    { hostnames: ['example.com'] },
    { tunnelId: 'f7a1c2d3-0000-4000-8000-000000000002' },
    { metricsAddress: '127.0.0.1:20002' },
    { tunnelSecret: Buffer.alloc(32, 2).toString('base64') },
  ])('change the configuration with %j, so that what runs is told apart', (change) => {
    const proofOf = (some: ReturnType<typeof files>) => parse(some.config.content).ingress[0].path;
    expect(proofOf(files(change))).not.toBe(proofOf(files()));
  });

  test('hold no secret outside of the credentials', () => {
    const { config, unit, dropIn } = files();
    for (const { content } of [config, unit, dropIn]) {
      expect(content).not.toContain(spec.tunnelSecret);
      expect(content).not.toContain(spec.proofSecret);
    }
  });

  test('refuse a key that is no file name', () => {
    expect(() => files({ siteKey: '../x' })).toThrow('not a site key');
  });
});
