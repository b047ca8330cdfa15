import { type Parsed, parsed, refused } from './parsed.ts';

const MEBIBYTE = 1024 ** 2;
const UNITS: Readonly<Record<string, number>> = { k: 1024, m: MEBIBYTE, g: 1024 ** 3 };

/** `512m` and the like, as Docker's command line takes it. @returns bytes, from 64 MiB to 64 GiB */
export function parseMemory(text: string): Parsed<number> {
  const found = /^(\d{1,9})([kmg])$/i.exec(text);
  const bytes = found ? Number(found[1]) * (UNITS[(found[2] ?? '').toLowerCase()] ?? 0) : 0;
  if (bytes < 64 * MEBIBYTE || bytes > 65_536 * MEBIBYTE) return refused('must be from 64m to 64g, such as 512m');
  return parsed(bytes);
}

/** `0.5` and the like, as Docker's command line takes it. @returns processors, from 0.05 to 64 */
export function parseCpus(text: string): Parsed<number> {
  const cpus = /^\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (cpus < 0.05 || cpus > 64) return refused('must be from 0.05 to 64, such as 0.5');
  return parsed(cpus);
}

const MAX_TOTAL = 32_768;

/** Names that Berth sets itself. */
const RESERVED = /^(DELQHI_.*|PORT)$/;

/** What is wrong with an environment, by variable; empty when nothing is. */
export function problemsOfEnv(env: Readonly<Record<string, string>>): { name: string; problem: string }[] {
  const problems: { name: string; problem: string }[] = [];
  let total = 0;
  for (const [name, value] of Object.entries(env)) {
    total += name.length + value.length;
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) problems.push({ name, problem: 'is not a variable name' });
    else if (RESERVED.test(name)) problems.push({ name, problem: 'is set by Berth' });
    else if (value.includes('\0')) problems.push({ name, problem: 'must not contain a NUL character' });
  }
  if (total > MAX_TOTAL) problems.push({ name: '', problem: `must not be larger than ${MAX_TOTAL} characters in all` });
  return problems;
}
