import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parse, stringify } from 'yaml';

/** A Prometheus that runs. */
export interface Prometheus {
  /** Asks its API. @returns `data` of the answer @throws Error with what it says when it refuses */
  ask<T>(path: string, parameters?: Record<string, string>): Promise<T>;
  stop(): Promise<void>;
}

interface ShippedConfig {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

const SHIPPED = 'deploy/prometheus';

/**
 * Starts the machine's Prometheus with the configuration and the options that the profile `observability` gives it.
 * @param targets where the job `berth` is asked, in place of the names that only Compose's network has; every second, so that nobody waits
 */
export async function startPrometheus(options: readonly string[], targets: readonly string[]): Promise<Prometheus> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-prometheus-'));
  const config: ShippedConfig = parse(readFileSync(`${SHIPPED}/prometheus.yml`, 'utf8'));
  const file = path.join(dir, 'prometheus.yml');
  const jobs = config.scrape_configs.filter(({ job_name }) => job_name === 'berth');
  for (const rules of config.rule_files) writeFileSync(path.join(dir, rules), readFileSync(`${SHIPPED}/${rules}`));
  writeFileSync(
    file,
    stringify({
      ...config,
      global: { ...config.global, scrape_interval: '1s', evaluation_interval: '1s' },
      scrape_configs: jobs.map((job) => ({ ...job, static_configs: [{ targets: [...targets] }] })),
    }),
  );
  const own = [`--config.file=${file}`, `--storage.tsdb.path=${dir}/data`, '--web.listen-address=127.0.0.1:0'];
  const kept = options.filter((one) => !/^--(config\.file|storage\.tsdb\.path)=/.test(one));
  const child = spawn('prometheus', [...own, ...kept], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const address = await listensAt(child);
  return {
    async ask<T>(at: string, parameters: Record<string, string> = {}) {
      const answer = await fetch(`http://${address}/api/v1/${at}?${new URLSearchParams(parameters)}`);
      const said = (await answer.json()) as { status: string; error?: string; data: T };
      if (said.status !== 'success') throw new Error(`${at} ${JSON.stringify(parameters)}: ${said.error}`);
      return said.data;
    },
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** It chooses a port by itself, and says which; ready it is a moment later. */
function listensAt(child: ChildProcess): Promise<string> {
  const lines: string[] = [];
  let address = '';
  return new Promise((resolve, reject) => {
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => {
        lines.push(line);
        address ||= /msg="Listening on" address=(\S+)/.exec(line)?.[1] ?? '';
        if (address && line.includes('Server is ready')) resolve(address);
      });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`prometheus ended (${code}):\n${lines.slice(-20).join('\n')}`)));
  });
}
