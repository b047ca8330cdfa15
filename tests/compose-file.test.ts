import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compose, composeCommand } from './support/compose.ts';

interface Service {
  image: string;
  command?: string[];
  user?: string;
  ports?: (string | { host_ip: string })[];
  volumes?: (string | { source: string; target: string; read_only?: boolean })[];
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  environment?: Record<string, string>;
  secrets?: { source: string }[];
  healthcheck?: unknown;
  profiles?: string[];
}

/** They speak to a host's Docker and systemd. */
const HOST_SERVICES = ['container-worker', 'health-worker', 'tunnel-worker-host'];
const OBSERVABILITY = ['alloy', 'grafana', 'loki', 'prometheus'];
const token = 'a-token-of-the-account';
let dir: string;
let services: Record<string, Service>;

/** What a person does before the first `docker compose up`. */
function install(): void {
  copyFileSync('docker-compose.yml', path.join(dir, 'docker-compose.yml'));
  const env = readFileSync('deploy/compose.env.example', 'utf8').replace('CF_ACCOUNT_ID=', 'CF_ACCOUNT_ID=1234');
  writeFileSync(path.join(dir, '.env'), `${env}\nCF_API_TOKEN=${token}\n`);
  makeSecrets();
}

const makeSecrets = (more: Record<string, string> = { CF_API_TOKEN: token }): string =>
  execFileSync('sh', ['deploy/make-secrets.sh', path.join(dir, 'secrets')], {
    env: { PATH: process.env.PATH, ...more },
    encoding: 'utf8',
    stdio: 'pipe',
  });

beforeAll(async () => {
  if (!composeCommand) return;
  dir = mkdtempSync(path.join(tmpdir(), 'berth-compose-'));
  install();
  services = parse(await compose(dir, ['--profile', 'host', '--profile', 'observability', 'config'])).services;
});

afterAll(() => dir && rmSync(dir, { recursive: true, force: true }));

/** What of the machine, or of Docker's volumes, a container sees; older versions of Compose write out `:rw`. */
function mountsOf(service: Service | undefined): string[] {
  const written = (service?.volumes ?? []).map((one) => {
    if (typeof one === 'string') return one.replace(/:rw$/, '');
    return `${one.source}:${one.target}${one.read_only ? ':ro' : ''}`;
  });
  return written.sort();
}

describe.skipIf(!composeCommand)('docker-compose.yml', () => {
  test('says nothing twice, which newer versions of Compose refuse', () => {
    expect(() => parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true, uniqueKeys: true })).not.toThrow();
  });

  test('runs every service', () => {
    const programs = Object.values(services).map(({ command }) =>
      command?.filter((word) => !word.startsWith('--')).join(' '),
    );
    for (const name of readdirSync('services')) expect(programs, name).toContain(`node ${name}.js`);
  });

  test.each([
    ['host', HOST_SERVICES],
    ['observability', OBSERVABILITY],
  ])('keeps what belongs to %s in its profile, and nothing else', (profile, names) => {
    const inProfile = Object.entries(services).filter(([, { profiles }]) => profiles?.includes(profile));
    expect(inProfile.map(([name]) => name).sort()).toEqual(names);
  });

  test('gives each container no more than it needs', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(service.cap_add ?? [], name).toEqual(name === 'container-worker' ? ['NET_ADMIN'] : []);
      expect(service.image, name).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
      for (const port of service.ports ?? []) {
        expect(typeof port === 'string' ? port : port.host_ip, name).toMatch(/^127\.0\.0\.1/);
      }
    }
  });

  test('mounts into what is on a host exactly what it needs, and can be written only where connectors are made', () => {
    const socket = '/run:/host/run:ro';
    const systemd = '/run/systemd:/run/systemd:ro';
    const journal = ['/etc/machine-id:/etc/machine-id:ro', '/run/log:/run/log:ro', '/var/log:/var/log:ro'];
    const connectors = ['/etc/cloudflared:/etc/cloudflared', '/etc/systemd/system:/etc/systemd/system'];
    expect(Object.fromEntries(HOST_SERVICES.map((name) => [name, mountsOf(services[name])]))).toEqual({
      'container-worker': [socket],
      'health-worker': [socket, systemd].sort(),
      'tunnel-worker-host': [systemd, ...journal, ...connectors].sort(),
    });
  });

  test('mounts nothing of the machine into what there is once', () => {
    const others = Object.entries(services).filter(([name]) => ![...HOST_SERVICES, ...OBSERVABILITY].includes(name));
    const mounted = Object.fromEntries(others.map(([name, service]) => [name, mountsOf(service)]));
    const { postgres, redis, ...ours } = mounted;
    expect([postgres, redis]).toEqual([['postgres:/var/lib/postgresql'], ['redis:/data']]);
    expect(Object.values(ours).flat()).toEqual([]);
  });

  test('has a Redis that throws nothing away and writes down what it holds', () => {
    const words = services.redis?.command?.join(' ');
    expect(words).toContain('--maxmemory-policy noeviction');
    expect(words).toContain('--appendonly yes');
  });

  test('builds on a base whose version is pinned, unless another is named', () => {
    const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
    const bases = [...dockerfile.matchAll(/^ARG \w*BASE=(.+)$/gm)].map(([, base]) => base);
    expect(bases).toEqual([expect.stringMatching(/^node:\d+\.\d+\.\d+-/), expect.stringMatching(/^\$\{BASE\}$/)]);
  });

  test('runs as root only what speaks to Docker and systemd', () => {
    const roots = Object.entries(services).filter(([, { user }]) => /^(0|root)\b/.test(user ?? ''));
    expect(roots.map(([name]) => name).sort()).toEqual(['alloy', ...HOST_SERVICES]);
    expect(readFileSync('deploy/Dockerfile', 'utf8')).toMatch(/USER 10001:10001\n$/);
  });

  test('keeps secrets out of the environment', () => {
    const values = Object.values(services).flatMap(({ environment }) =>
      Object.entries(environment ?? {}).filter(([name]) => !name.endsWith('_FILE')),
    );
    const secrets = readdirSync(path.join(dir, 'secrets')).map((file) =>
      readFileSync(path.join(dir, 'secrets', file), 'utf8').trim(),
    );
    for (const [name, value] of values) expect(secrets, name).not.toContain(value);
  });

  test('asks each container of others how it is, since their images do not', () => {
    for (const name of ['postgres', 'redis', ...OBSERVABILITY]) expect(services[name]?.healthcheck, name).toBeDefined();
  });

  test("gives the account's token to no host, even where somebody wrote it into .env", () => {
    for (const name of [...HOST_SERVICES, 'notifier']) {
      const { environment = {}, secrets = [] } = services[name] ?? {};
      expect(environment, name).toMatchObject({ CF_API_TOKEN: '', CF_API_TOKEN_FILE: '' });
      expect(
        secrets.map(({ source }) => source),
        name,
      ).not.toContain('cf-api-token');
    }
  });
});

describe.skipIf(!composeCommand)('deploy/make-secrets.sh', () => {
  test('lets nobody else into the directory, and containers read each file', () => {
    expect(statSync(path.join(dir, 'secrets')).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(path.join(dir, 'secrets'))) {
      expect(statSync(path.join(dir, 'secrets', file)).mode & 0o777, file).toBe(0o444);
    }
  });

  test('leaves what is there as it is, and writes what is missing', () => {
    const read = (file: string) => readFileSync(path.join(dir, 'secrets', file), 'utf8');
    const before = read('berth-secrets-key');
    rmSync(path.join(dir, 'secrets/cf-api-token'));
    expect(() => makeSecrets({})).toThrow('CF_API_TOKEN');
    expect(makeSecrets({ CF_API_TOKEN: 'another' })).toContain('cf-api-token: written');
    expect(read('berth-secrets-key')).toBe(before);
    expect(Buffer.from(before, 'base64').length).toBe(32);
    expect(read('database-url')).toContain(read('postgres-password').trim());
  });
});
