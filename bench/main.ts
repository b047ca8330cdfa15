import { parseArgs } from 'node:util';
import { ownRun, runInOwnNamespaces, whyNoRealEngine } from '../tests/real/engine/own-namespaces.ts';
import { console } from './console.ts';
import { deploy } from './deploy.ts';
import { health } from './health.ts';
import { intake } from './intake.ts';
import { pipeline } from './pipeline.ts';
import { portal } from './portal.ts';
import { ports } from './ports.ts';
import { protection } from './protection.ts';
import { type Benchmark, toTable } from './rows.ts';
import { units } from './units.ts';

const benchmarks: readonly Benchmark[] = [intake, ports, pipeline, deploy, units, health, portal, console, protection];

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
  allowPositionals: true,
});

const chosen = benchmarks.find((one) => one.name === positionals[0]);
const measure = values.only === undefined ? chosen?.measure : chosen?.parts?.[values.only];
if (!chosen || !measure || positionals.length !== 1) {
  process.stderr.write('usage: npm run bench -- <name> [--only <part>] [--json]\n');
  for (const { name, about, parts } of benchmarks) {
    const alone = parts ? ` (parts: ${Object.keys(parts).join(', ')})` : '';
    process.stderr.write(`  ${name.padEnd(10)} ${about}${alone}\n`);
  }
  process.exit(64);
}

if (chosen.needs === 'engine' && ownRun() === undefined) {
  const missing = whyNoRealEngine();
  if (missing !== undefined) process.stderr.write(`${chosen.name} is not possible here: ${missing}\n`);
  process.exit(
    missing === undefined
      ? await runInOwnNamespaces([process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env)
      : 69,
  );
}

const rows = await measure((line) => process.stderr.write(`${line}\n`));
process.stdout.write(`${chosen.name}: ${chosen.about}\n${toTable(rows)}\n`);
if (values.json) process.stdout.write(`${JSON.stringify({ bench: chosen.name, rows })}\n`);
process.exit(rows.every((row) => row.ok) ? 0 : 1);
