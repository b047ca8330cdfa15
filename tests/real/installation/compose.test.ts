import { readFileSync } from 'node:fs';
import type { DoctorReport } from '@berth/contract/doctor';
import { fetchThroughEdge } from '@berth/standalone/demo/fetch-through-edge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, makeApiClient } from '../../support/api-client.ts';
import { run } from '../../support/command.ts';
import { until } from '../../support/until.ts';
import { type Installation, openInstallation } from './open-installation.ts';

const ONCE = ['api', 'domain-watcher', 'notifier', 'postgres', 'redis', 'tunnel-worker-edge'];
const NONE = '0000000000000000';
const NET_ADMIN = '0000000000001000';
/** A machine that does all this at once has little left for each. */
const PATIENCE_MS = 600_000;
/** Docker lets a container that ended again and again wait for up to a minute. */
const RESTARTS_MS = 300_000;
const PER_HOST = ['container-worker', 'health-worker', 'tunnel-worker-host'];

let installation: Installation;
let api: ApiClient;

beforeAll(async () => {
  installation = await openInstallation();
}, 1_200_000);

afterAll(() => installation?.stop(), PATIENCE_MS);

/** The installation's containers, by service. */
async function inspectAll() {
  const { docker } = installation.engine;
  const all = await docker.listContainers({ all: true, filters: { label: ['com.docker.compose.service'] } });
  const shown = await Promise.all(all.map(({ Id }) => docker.getContainer(Id).inspect()));
  return new Map(shown.map((one) => [one.Config.Labels['com.docker.compose.service'] ?? '', one]));
}

async function untilHealthy(services: readonly string[]): Promise<void> {
  const areHealthy = async () => {
    const shown = await inspectAll();
    return services.every((name) => shown.get(name)?.State.Health?.Status === 'healthy');
  };
  await until(`${services.join(', ')} are healthy`, areHealthy, RESTARTS_MS);
}

const statusOf = (pid: number) =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line) => line.split(/:\s*/)),
  );

describe('an installation by Compose', { timeout: PATIENCE_MS }, () => {
  test('starts what there is once, and answers /readyz', async () => {
    await installation.compose('up', '-d', ...ONCE);
    await untilHealthy(ONCE);
    expect([...(await inspectAll()).keys()].sort()).toEqual(ONCE);
    const readyz = () => fetch('http://127.0.0.1:8080/readyz').then(({ status }) => status);
    await expect.poll(readyz, { timeout: 60_000 }).toBe(200);
  });

  test('makes this machine a host, and takes an order to a live website on it', async () => {
    await installation.compose('up', '-d');
    await untilHealthy(PER_HOST);
    const key = await installation.compose(
      'exec',
      '-T',
      'api',
      'node',
      'key.js',
      'create',
      '--name',
      't',
      '--scopes',
      'admin',
    );
    api = makeApiClient('http://127.0.0.1:8080', key.trim());
    const order = { orderId: '1', domain: 'kunde.de', customer: { id: 'kunde' }, image: 'berth-test/site:1' };
    expect((await api.order(order)).status).toBe(202);
    await api.untilState('kunde', 'online');
    const { edgeAddress: address, edgeCaFile: caFile } = installation.cloudflare;
    expect((await fetchThroughEdge('kunde.de', { address, caFile })).body).toBe('berth-test/site:1\n');
    const unit = await installation.machine.run(
      '/usr/bin/systemctl',
      'is-active',
      'cloudflared-customer-kunde.service',
    );
    expect(unit.stdout).toBe('active');
  });

  test('is found well by `berth doctor`, but for operators whom nobody tells what fails', async () => {
    const doctor = (...words: string[]) =>
      run(process.execPath, ['apps/cli/bin/berth.mjs', 'doctor', ...words], {
        BERTH_API_URL: 'http://127.0.0.1:8080',
        BERTH_API_KEY: api.key,
      });
    const checks = await until('all have looked', async () => {
      const { groups }: DoctorReport = JSON.parse((await doctor('--json')).out);
      const found = groups.flatMap((group) => group.checks);
      return found.every(({ id }) => id !== 'service.looks') && found;
    });
    const wrong = checks
      .filter(({ status }) => status !== 'ok')
      .map(({ id, status, detail }) => ({ id, status, detail }));
    expect(wrong).toEqual([{ id: 'notifier.operators', status: 'warn', detail: expect.stringContaining('nowhere') }]);
    expect((await doctor()).status).toBe(0);
  });

  test('runs each process without rights that it does not need', async () => {
    const shown = await inspectAll();
    for (const [name, { State, HostConfig }] of shown) {
      expect(HostConfig.ReadonlyRootfs, name).toBe(true);
      const capabilities = name === 'container-worker' ? NET_ADMIN : NONE;
      expect(statusOf(State.Pid), name).toMatchObject({ CapEff: capabilities, NoNewPrivs: '1' });
      const uid = Number(statusOf(State.Pid).Uid?.split('\t')[0]);
      expect(uid === 0, name).toBe(PER_HOST.includes(name));
    }
  });

  test('publishes nothing beyond loopback', async () => {
    for (const [name, { HostConfig }] of await inspectAll()) {
      for (const bindings of Object.values(HostConfig.PortBindings ?? {})) {
        expect(bindings, name).toEqual([expect.objectContaining({ HostIp: '127.0.0.1' })]);
      }
    }
  });

  test("has no secret in any environment, and the account's token on no host", async () => {
    const names = ['postgres-password', 'database-url', 'redis-url', 'berth-secrets-key', 'cf-api-token'];
    const secrets = names.map((name) => installation.secret(name));
    for (const [name, { State, Mounts }] of await inspectAll()) {
      const environment = readFileSync(`/proc/${State.Pid}/environ`, 'utf8');
      for (const secret of secrets) expect(environment.includes(secret), name).toBe(false);
      const hasToken = Mounts.some(({ Destination }) => Destination === '/run/secrets/cf-api-token');
      expect(hasToken, name).toBe(['api', 'domain-watcher', 'tunnel-worker-edge'].includes(name));
    }
  });

  test('has a Redis that asks for the password, writes down what it holds and throws nothing away', async () => {
    const ask = (script: string) => installation.compose('exec', '-T', 'redis', 'sh', '-c', script);
    expect(await ask('redis-cli ping')).toContain('NOAUTH');
    const password = "export REDISCLI_AUTH=$(sed -n 's/^requirepass //p' /run/secrets/redis.conf)";
    expect(await ask(`${password}; redis-cli config get maxmemory-policy`)).toContain('noeviction');
    expect(await ask(`${password}; redis-cli config get appendonly`)).toContain('yes');
    expect(Number(await ask(`${password}; redis-cli dbsize`))).toBeGreaterThan(0);
  });

  test('goes on after its containers were made anew, with what it had', async () => {
    await installation.compose('up', '-d', '--force-recreate');
    await untilHealthy([...ONCE, ...PER_HOST]);
    await api.untilState('kunde', 'online');
    const order = { orderId: '2', domain: 'zweiter.de', customer: { id: 'zweiter' }, image: 'berth-test/site:2' };
    expect((await api.order(order)).status).toBe(202);
    await api.untilState('zweiter', 'online');
  });

  test('is as small as what it runs', async () => {
    const sizeOf = async (image: string) => (await installation.engine.docker.getImage(image).inspect()).Size;
    expect((await sizeOf('berth:0.1.0')) - (await sizeOf('berth-test/node:1'))).toBeLessThan(40e6);
  });

  test('ends when it is told to: what was under way is finished or handed back', async () => {
    await installation.compose('stop');
    for (const [name, { State }] of await inspectAll()) {
      if (name !== 'redis' && name !== 'postgres') expect(State.ExitCode, name).toBe(0);
    }
  });
});
