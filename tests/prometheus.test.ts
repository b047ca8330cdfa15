import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { onPath } from './real/engine/own-namespaces.ts';
import { type Prometheus, startPrometheus } from './support/prometheus.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

/** What the queries are about comes from these; what each of the others serves is in metrics.test.ts. */
const SERVICES = ['api', 'domain-watcher', 'health-worker', 'notifier'];
/** Four processes start one after another. */
const START_MS = 300_000;
const DASHBOARDS = 'deploy/grafana/dashboards';

interface Rule {
  name: string;
  health: string;
  state?: string;
  lastError?: string;
  lastEvaluation: string;
}

let world: World;
let prometheus: Prometheus;
const services: ServiceProcess[] = [];

/** Where a process says that it serves its metrics. */
async function metricsOf(service: ServiceProcess): Promise<string> {
  const url = (line: string) => /"url":"http:\/\/(127\.0\.0\.1:\d+)","msg":"metrics are served"/.exec(line)?.[1];
  return until(`${service.name} says where its metrics are`, async () => service.lines.map(url).find(Boolean));
}

const rules = async () =>
  (await prometheus.ask<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap((group) => group.rules);
const stateOf = async (alert: string) => (await rules()).find(({ name }) => name === alert)?.state;

describe.skipIf(!onPath('prometheus'))('Prometheus with the configuration of the profile', () => {
  beforeAll(async () => {
    world = await openWorld({ settings: { CHECK_INTERVAL_SECONDS: '1', METRICS_ADDRESS: '127.0.0.1:0' } });
    for (const name of SERVICES) services.push(serviceProcess(name, `services/${name}/src/main.ts`, world.environment));
    for (const service of services) await service.start();
    const { command } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }).services.prometheus;
    prometheus = await startPrometheus(command, await Promise.all(services.map(metricsOf)));
  }, START_MS);
  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all(services.map((service) => service.stop()));
    await world?.close();
  });

  test('asks every process, and is answered', async () => {
    await until('all are up', async () => {
      const { activeTargets } = await prometheus.ask<{ activeTargets: { health: string; lastError: string }[] }>(
        'targets',
      );
      return activeTargets.length === SERVICES.length && activeTargets.every(({ health }) => health === 'up');
    });
  });

  test('evaluates every alert that is shipped, none with an error', async () => {
    const shipped = parse(readFileSync('deploy/prometheus/berth.rules.yml', 'utf8')).groups[0].rules as {
      alert: string;
    }[];
    await until('all were evaluated', async () => (await rules()).every(({ health }) => health !== 'unknown'));
    const evaluated = await rules();
    expect(evaluated.map(({ name }) => name).sort()).toEqual(shipped.map(({ alert }) => alert).sort());
    expect(evaluated.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([]);
  });

  test('lets the watchdog fire, which says that alerts come through', async () => {
    await until('it fires', async () => (await stateOf('BerthWatchdog')) === 'firing');
  });

  test.each(readdirSync(DASHBOARDS))('answers what %s asks', async (file) => {
    const { panels } = JSON.parse(readFileSync(`${DASHBOARDS}/${file}`, 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(asked.length).toBeGreaterThan(0);
    for (const expr of asked) await prometheus.ask('query', { query: expr.replaceAll('$__rate_interval', '1m') });
  });

  test('has figures of sweeps, restarts and processes to show', async () => {
    for (const query of [
      'berth_sweep_duration_seconds_count{sweep="host"} > 0',
      'berth_restarts_total{target="container"} == 0',
      'count(process_resident_memory_bytes) == 4',
    ]) {
      await until(
        query,
        async () => (await prometheus.ask<{ result: unknown[] }>('query', { query })).result.length > 0,
      );
    }
  });

  test('notices a process that is gone', async () => {
    await until('all answer', async () => (await stateOf('BerthDown')) === 'inactive');
    await services.find(({ name }) => name === 'domain-watcher')?.kill();
    await until('it is noticed', async () => (await stateOf('BerthDown')) === 'pending');
  });
});
