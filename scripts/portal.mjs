// Builds the portal into apps/portal/dist, unless it's built from these very sources. Plain JavaScript, as it runs before each start.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PORTAL = fileURLToPath(new URL('../apps/portal', import.meta.url));
const DIST = path.join(PORTAL, 'dist');
const STAMP = '.built-from';
const SOURCES = ['src', 'public', 'index.html', 'build', 'vite.config.ts', 'package.json'];

const sources = checksum();
if (read(path.join(DIST, STAMP)) !== sources) build();

/** Built beside and put in its place at once: who reads meanwhile finds the former one or this one, and two builders don't mix theirs. */
function build() {
  process.stderr.write('berth: building the portal\n');
  const draft = `${DIST}.${process.pid}`;
  const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
  const options = ['--outDir', draft, '--emptyOutDir', '--logLevel', 'warn'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', PORTAL, ...options], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    process.stderr.write(`berth: the portal could not be built:\n${stdout}${stderr}`);
    process.exit(1);
  }
  writeFileSync(path.join(draft, STAMP), sources);
  const former = `${draft}.former`;
  if (existsSync(DIST)) renameSync(DIST, former);
  else mkdirSync(path.dirname(DIST), { recursive: true });
  try {
    renameSync(draft, DIST);
  } catch {
    // Another builder was faster, with the same sources.
    rmSync(draft, { recursive: true, force: true });
  }
  rmSync(former, { recursive: true, force: true });
}

function checksum() {
  const hash = createHash('sha256').update(read(path.join(PORTAL, '../../package-lock.json')) ?? '');
  for (const file of SOURCES.flatMap((name) => filesOf(name))) {
    hash.update(file).update(readFileSync(path.join(PORTAL, file)));
  }
  return hash.digest('hex');
}

function filesOf(name) {
  const entries = readdirSync(path.join(PORTAL, path.dirname(name)), { withFileTypes: true });
  const entry = entries.find((one) => one.name === path.basename(name));
  if (!entry?.isDirectory()) return entry ? [name] : [];
  return readdirSync(path.join(PORTAL, name))
    .sort()
    .flatMap((child) => filesOf(path.join(name, child)));
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
