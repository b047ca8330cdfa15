import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { customerName, unitName } from '@berth/shared/domain/names';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { onPath } from './real/engine/own-namespaces.ts';

const read = (file: string) => readFileSync(`deploy/${file}`, 'utf8');
const alloy = read('alloy/config.alloy').replaceAll(/^\s*\/\/.*$/gm, '');
const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true });

/** What is in a block `kind "label" { … }` of Alloy's configuration. */
function block(kind: string, label: string): string {
  const begin = alloy.indexOf(`${kind} "${label}" {`);
  expect(begin, `${kind} "${label}"`).toBeGreaterThanOrEqual(0);
  return alloy.slice(begin, alloy.indexOf('\n}\n', begin));
}

interface Rule {
  sources: string[];
  regex: RegExp;
  target: string | undefined;
  replacement: string;
  isKeep: boolean;
}

function rulesOf(text: string): Rule[] {
  return [...text.matchAll(/rule \{([\s\S]*?)\n {2}\}/g)].map(([, rule = '']) => {
    const field = (name: string) => new RegExp(`${name}\\s*= "(.*)"`).exec(rule)?.[1]?.replaceAll('\\\\', '\\');
    return {
      sources: [...(/source_labels = \[(.*)\]/.exec(rule)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(
        ([, one = '']) => one,
      ),
      regex: new RegExp(`^(?:${field('regex')})$`),
      target: field('target_label'),
      replacement: field('replacement') ?? '$1',
      isKeep: field('action') === 'keep',
    };
  });
}

/** What the rules make of something, as Prometheus describes relabelling; undefined when it's left out. */
function relabel(rules: readonly Rule[], meta: Record<string, string>): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const { sources, regex, target, replacement, isKeep } of rules) {
    const value = sources.map((source) => meta[source] ?? '').join(';');
    if (isKeep && !regex.test(value)) return undefined;
    if (target && regex.test(value)) labels[target] = value.replace(regex, replacement);
  }
  return labels;
}

describe("Alloy's configuration", () => {
  test('closes what it opens, and forwards only to what is there', () => {
    const without = alloy.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
    for (const [open, close] of ['{}', '[]', '()']) {
      expect(without.split(open ?? '').length, open).toBe(without.split(close ?? '').length);
    }
    const declared = [...alloy.matchAll(/^([a-z_.]+) "(\w+)" \{/gm)].map(([, kind, label]) => `${kind}.${label}`);
    const used = [
      ...without.matchAll(/\b((?:loki|discovery|prometheus)\.[a-z_.]+)\.(?:receiver|targets|output|rules)\b/g),
    ];
    expect(used.length).toBeGreaterThan(5);
    for (const [, name] of used) expect(declared).toContain(name);
  });

  test("brings customers' containers and Berth's own, by what they are called, and nobody else's", () => {
    const rules = rulesOf(block('discovery.relabel', 'containers'));
    const name = '__meta_docker_container_name';
    const label = (of: string) => `__meta_docker_container_label_${of}`;
    expect(relabel(rules, { [name]: `/${customerName('kunde.2')}`, [label('berth_site')]: 'an id' })).toEqual({
      job: 'site',
      site: 'kunde.2',
    });
    const service = { [label('com_docker_compose_service')]: 'api', [label('berth_part')]: 'installation' };
    expect(relabel(rules, { [name]: '/berth_api_1', ...service })).toEqual({ job: 'berth', service: 'api' });
    expect(relabel(rules, { [name]: '/customer-x', [label('com_docker_compose_service')]: 'api' })).toBeUndefined();
  });

  test('brings the journal of tunnels and of workers, and nothing else of the host', () => {
    const rules = rulesOf(block('loki.relabel', 'journal'));
    const unit = (name: string) => relabel(rules, { __journal__systemd_unit: name });
    expect(unit(unitName('kunde.2'))).toEqual({ job: 'tunnel', site: 'kunde.2' });
    expect(unit('berth-health-worker.service')).toEqual({ job: 'berth', service: 'health-worker' });
    for (const other of ['ssh.service', 'docker.service', 'cloudflared.service']) expect(unit(other)).toBeUndefined();
  });

  test('makes no label of a site', () => {
    const lines = block('loki.process', 'lines');
    expect(lines).toMatch(/stage\.structured_metadata \{\s+values = \{ site = "" \}/);
    expect(lines.indexOf('stage.label_drop')).toBeGreaterThan(lines.indexOf('stage.structured_metadata'));
  });

  test('asks the workers where docker-compose.yml and the units say that they answer', () => {
    const asked = [...alloy.matchAll(/"__address__" = "([^"]+)", "instance" = constants\.hostname \+ "\/([^"]+)"/g)];
    expect(asked).toHaveLength(3);
    for (const [, address, worker] of asked) {
      const service = compose.services[worker === 'tunnel-worker' ? 'tunnel-worker-host' : (worker ?? '')];
      expect(service.environment.METRICS_ADDRESS, worker).toBe(address);
      expect(read(`systemd/berth-${worker}.service`)).toContain(`METRICS_ADDRESS=${address}`);
    }
  });
});

describe("Prometheus's configuration", () => {
  const { scrape_configs } = parse(read('prometheus/prometheus.yml'));

  test("asks each of the installation's services once, as the job of the alerts", () => {
    const [job] = scrape_configs;
    expect(job.job_name).toBe('berth');
    const services = Object.entries<{ environment?: { METRICS_ADDRESS?: string } }>(compose.services);
    const listening = services.filter(([, { environment }]) => environment?.METRICS_ADDRESS?.startsWith('0.0.0.0:'));
    expect([...job.static_configs[0].targets].sort()).toEqual(listening.map(([name]) => `${name}:9464`).sort());
  });

  test.skipIf(!onPath('promtool'))('is one that Prometheus takes', () => {
    expect(
      execFileSync('promtool', ['check', 'config', 'deploy/prometheus/prometheus.yml'], { encoding: 'utf8' }),
    ).toContain('SUCCESS');
  });
});

describe("Loki's configuration", () => {
  const loki = parse(read('loki/loki.yml'));

  test('keeps lines for as long as it says, on the disk that the volume gives it', () => {
    expect(loki.compactor).toMatchObject({ retention_enabled: true, delete_request_store: 'filesystem' });
    expect(loki.limits_config.retention_period).toBe('14d');
    for (const place of [
      loki.common.path_prefix,
      loki.common.storage.filesystem.chunks_directory,
      loki.compactor.working_directory,
    ]) {
      expect(place).toMatch(/^\/loki\b/);
    }
    expect(compose.services.loki.volumes).toContain('loki:/loki');
  });

  test('can hold a site beside a line, which takes its newest schema', () => {
    expect(loki.schema_config.configs.at(-1)).toMatchObject({ store: 'tsdb', schema: 'v13' });
    expect(loki.limits_config.allow_structured_metadata).toBe(true);
  });
});

describe("Grafana's provisioning", () => {
  test('finds Prometheus and Loki by their names in the network of Compose', () => {
    const { datasources } = parse(read('grafana/provisioning/datasources/berth.yml'));
    for (const { url } of datasources) {
      const { hostname, port } = new URL(url);
      const { ports } = compose.services[hostname];
      expect(ports[0].split(':').at(-1)).toBe(port);
    }
  });

  test('shows the dashboards that are there', () => {
    const { providers } = parse(read('grafana/provisioning/dashboards/berth.yml'));
    const mounted = compose.services.grafana.volumes.find((one: string) =>
      one.includes(`:${providers[0].options.path}:`),
    );
    const home = compose.services.grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
    expect(existsSync(home.replace(providers[0].options.path, mounted.split(':')[0]))).toBe(true);
  });
});

test('no published port of the profile is one that sites get', () => {
  const published = Object.values<{ profiles?: string[]; ports?: string[] }>(compose.services)
    .filter(({ profiles }) => profiles?.includes('observability'))
    .flatMap(({ ports = [] }) => ports.map((port) => Number(port.split(':')[1])));
  expect(published.length).toBe(3);
  for (const port of published) expect(port >= 3000 && port < 4000, String(port)).toBe(false);
});
