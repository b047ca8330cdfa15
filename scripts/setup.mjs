// Makes a clone ready to run: Node's version, the packages, the generated Prisma client. Plain JavaScript without dependencies,
// because it runs before anything is installed; does nothing in a few milliseconds when nothing is to be done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STATE = path.join(ROOT, '.berth');
const LOCK = path.join(STATE, 'setup.lock');
const LOCK_STALE_MS = 600_000;

checkNode();
if (!installed() || !generated()) {
  await locked(() => {
    if (!installed()) install();
    if (!generated()) generate();
  });
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24) return;
  stop(`Berth needs Node 20.19, 22.12, or 24 and later; this is ${process.versions.node}.`);
}

/** The packages are those of the lockfile: the last install left its checksum. */
function installed() {
  return read(path.join(ROOT, 'node_modules/.berth-lock')) === checksum('package-lock.json');
}

function install() {
  say('installing packages');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'the packages could not be installed');
  writeFileSync(path.join(ROOT, 'node_modules/.berth-lock'), checksum('package-lock.json'));
}

function generated() {
  const mark = path.join(ROOT, 'packages/shared/src/store/generated/.berth-schema');
  return read(mark) === checksum('prisma/schema.prisma');
}

function generate() {
  say('generating the database client');
  const prisma = path.join(ROOT, 'node_modules/prisma/build/index.js');
  run(process.execPath, [prisma, 'generate'], 'the database client could not be generated');
  writeFileSync(path.join(ROOT, 'packages/shared/src/store/generated/.berth-schema'), checksum('prisma/schema.prisma'));
}

/** Two commands started at once must not install into each other: the second waits and then finds all done. */
async function locked(work) {
  mkdirSync(STATE, { recursive: true });
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (age > LOCK_STALE_MS) rmSync(LOCK, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  process.on('exit', () => rmSync(LOCK, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  work();
}

function run(command, args, failure) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return;
  stop(`${failure}:\n${error ? error.message : `${stdout}${stderr}`}`);
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function checksum(file) {
  return createHash('sha256')
    .update(readFileSync(path.join(ROOT, file)))
    .digest('hex');
}

function say(text) {
  process.stderr.write(`berth: ${text}\n`);
}

function stop(text) {
  process.stderr.write(`berth: ${text}\n`);
  process.exit(1);
}
