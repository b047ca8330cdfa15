import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SystemdHost } from './start-host.ts';

/** The units of `deploy/systemd`, by their workers. */
export const WORKERS = ['container-worker', 'tunnel-worker', 'health-worker'] as const;
export const unitOf = (worker: string) => `berth-${worker}.service`;

const UNITS = fileURLToPath(new URL('../../../deploy/systemd', import.meta.url));
const SHOWN = '/opt/units';
/** Of Docker's package; the socket belongs to it. */
export const DOCKER_GROUP = { name: 'docker', id: 990 };
/** Settings that docs/operations.md has in files of their own. */
const SECRETS = { DATABASE_URL: 'database-url', REDIS_URL: 'redis-url', BERTH_SECRETS_KEY: 'berth-secrets-key' };
const START_MS = 180_000;

/** Writes what a host has in `/etc/berth`. @returns the mounts that bring it and the units there */
export function writeSettings(dir: string, settings: Readonly<Record<string, string>>): string[] {
  const place = path.join(dir, 'etc-berth');
  mkdirSync(place, { mode: 0o700, recursive: true });
  const put = (name: string, text: string) => writeFileSync(path.join(place, name), text, { mode: 0o600 });
  const plain = Object.entries(settings).filter(([name]) => !(name in SECRETS));
  put('berth.env', plain.map(([name, value]) => `${name}=${value}\n`).join(''));
  for (const [name, file] of Object.entries(SECRETS)) put(file, settings[name] ? `${settings[name]}\n` : '');
  return [`${place}:/etc/berth`, `${UNITS}:${SHOWN}:ro`];
}

/** What docs/operations.md says, as far as Docker, cloudflared and the programs are there already. Ends when all workers have started. */
export async function installWorkers({ run }: SystemdHost, dockerSocket: string): Promise<void> {
  const must = async (...command: [string, ...string[]]) => {
    const { exitCode, stderr } = await run(...command);
    if (exitCode === 0) return;
    const { stdout } = await run('journalctl', '--no-pager', '--lines=30', '--output=cat');
    throw new Error(`${command.join(' ')}: ${stderr}\n${stdout}`);
  };
  await must('groupadd', '--system', '--gid', String(DOCKER_GROUP.id), DOCKER_GROUP.name);
  await must('ln', '-s', dockerSocket, '/run/docker.sock');
  await must('install', '-D', '--mode=644', `${SHOWN}/berth-sysusers.conf`, '/etc/sysusers.d/berth.conf');
  await must('systemd-sysusers');
  await must('sh', '-c', `cp ${SHOWN}/berth-*.service /etc/systemd/system/`);
  await must('systemctl', 'daemon-reload');
  await must('systemctl', 'enable', '--now', ...WORKERS.map(unitOf));
  await Promise.all(WORKERS.map((worker) => untilStarted({ run }, worker)));
}

async function untilStarted({ run }: Pick<SystemdHost, 'run'>, worker: string): Promise<void> {
  for (const until = Date.now() + START_MS; ; ) {
    const { stdout } = await run('journalctl', '-u', unitOf(worker), '--output=cat');
    if (stdout.includes('"msg":"started"')) return;
    if (Date.now() > until) {
      throw new Error(`${unitOf(worker)} has not started:\n${stdout.split('\n').slice(-20).join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
