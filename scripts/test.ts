import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInOwnNamespaces } from '../tests/real/engine/own-namespaces.ts';
import { DEBIAN_ROOT, makeDebianRoot, whyNoDebianRoot } from '../tests/real/systemd/debian-root.ts';
import { FAILURES_FILE, logsBeside } from './tests/failures-reporter.ts';
import { parts, whyNoRealTier } from './tests/parts.ts';
import { runCommand } from './tests/run-command.ts';

const reporters = ['--reporter=default', '--reporter=./scripts/tests/failures-reporter.ts'];
const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...reporters];
const simulated = ['unit', 'integration', 'system'].flatMap((project) => ['--project', project]);
/** What needs systemd too. It runs beside the others, in namespaces of its own: both mostly wait. */
const beside = ['tests/real/systemd/', 'tests/real/installation/'];

const [first, ...rest] = process.argv.slice(2);
const onlyReal = first === 'real';
const args = onlyReal ? rest : process.argv.slice(2);
const missing = args.length > 0 && !onlyReal ? 'a part of the tests was asked for' : whyNoRealTier();
const missingSystemd = missing ?? whyNoDebianRoot();

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
  });
}

const ownDir = mkdtempSync(path.join(tmpdir(), 'berth-tests-'));
const failures = path.join(ownDir, 'failures');
process.env[FAILURES_FILE] = failures;

let status = 0;
if (!onlyReal)
  status = await runCommand({ command: process.execPath, args: [...vitest.slice(1), ...simulated, ...args] });
if (missing === undefined && !isInterrupted) status = (await runReal()) || status;

process.stdout.write('\n');
const simulatedParts = onlyReal ? [] : parts();
for (const part of simulatedParts) report(part.name, part.missing);
report('real Docker', missing);
report('real systemd, and hosts of their own', missingSystemd);
// CI installs all that the tests need: there nothing of it must be left out in silence.
const isRequired = process.env.BERTH_REAL_TIER === 'required';
const isSomethingLeftOut = simulatedParts.some(({ missing, isOptional }) => missing && !isOptional);
if (missingSystemd && (onlyReal || isRequired)) status ||= 1;
if (isSomethingLeftOut && isRequired) status ||= 1;
const logs = logsBeside(failures);
if (existsSync(logs)) process.stdout.write(`\nWhat was logged before it failed:\n${readFileSync(logs, 'utf8')}`);
if (existsSync(failures)) process.stdout.write(`\nWhat failed:\n${readFileSync(failures, 'utf8')}`);
rmSync(ownDir, { recursive: true, force: true });
process.exitCode = status;

/** The tier that needs namespaces of its own, since its daemons write the firewall. */
async function runReal(): Promise<number> {
  // A server given by address isn't reached from there.
  const { BERTH_TEST_DATABASE_URL: _, ...inherited } = process.env;
  const tier = [...vitest, '--project', 'real', ...args];
  const others = readdirSync('tests/real').map((name) => `tests/real/${name}/`);
  const dockerAlone = [...tier, ...others.filter((folder) => !beside.includes(folder))];
  if (missingSystemd) return runInOwnNamespaces(args.length > 0 ? tier : dockerAlone, inherited);
  const env = { ...inherited, [DEBIAN_ROOT]: makeDebianRoot() };
  if (args.length > 0) return runInOwnNamespaces(tier, env);
  const further = runBeside([...tier, ...beside], env);
  return Math.max(await runInOwnNamespaces(dockerAlone, env), await further);
}

/** Writes what it says when it has ended, so that nothing else stands between. */
async function runBeside(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-beside-'));
  try {
    const file = path.join(dir, 'output');
    const output = openSync(file, 'w');
    const status = await runInOwnNamespaces(command, env, output);
    closeSync(output);
    process.stdout.write(readFileSync(file));
    return status;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function report(name: string, why: string | undefined): void {
  process.stdout.write(why ? `not run: ${name}: ${why}\n` : `run:     ${name}\n`);
}
