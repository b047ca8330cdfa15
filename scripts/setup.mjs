// Makes a clone ready to run: Node's version, the packages, the generated Prisma client. Plain JavaScript without dependencies,
// because it runs before anything is installed; does nothing in some 50 milliseconds when nothing is to be done.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const at = (file) => path.join(ROOT, file);
const LOCK = at('.berth/setup.lock');
const INSTALLED = at('node_modules/.berth-installed');
const GENERATED = at('packages/shared/src/store/generated/.berth-generated');
const WAIT_MS = 200;

checkNode();
const packages = checksum('package-lock.json');
// a new Prisma may generate another client from the same schema
const client = `${packages} ${checksum('prisma/schema.prisma')}`;
if (!ready()) {
  await lock();
  if (read(INSTALLED) !== packages) await install();
  if (read(GENERATED) !== client) await generate();
}

function ready() {
  return read(INSTALLED) === packages && read(GENERATED) === client;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24) return;
  stop(`Berth needs Node 20.19, 22.12, or 24 and later; this is ${process.versions.node} (https://nodejs.org)`);
}

async function install() {
  if (!installedByHand()) {
    say('installing packages');
    // npm is quiet about what it merely warns of: one package, which Berth doesn't use, wants a newer Node
    const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
    await run(...npm('ci', ...options), 'the packages could not be installed');
  }
  writeFileSync(INSTALLED, packages);
}

/** Where this runs as an npm script, npm says how it is to be called. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script, ...args]] : ['npm', args];
}

/** Whether somebody ran `npm ci` already: what npm wrote down about `node_modules` is what the lockfile wants. */
function installedByHand() {
  const there = JSON.parse(read(at('node_modules/.package-lock.json')) ?? '{}').packages;
  if (!there) return false;
  const wanted = Object.entries(JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages);
  return wanted.every(([place, { version, integrity, optional, peer, link }]) => {
    if (!place.includes('node_modules/')) return true;
    const found = there[place];
    if (!found) return Boolean(optional || peer);
    return link ? found.link : found.version === version && found.integrity === integrity;
  });
}

async function generate() {
  say('generating the database client');
  const args = [at('node_modules/prisma/build/index.js'), 'generate'];
  await run(process.execPath, args, 'the database client could not be generated');
  writeFileSync(GENERATED, client);
}

/** Two commands started at once must not install into each other: the second waits, and then finds all done. */
async function lock() {
  const note = `${LOCK}.${process.pid}`;
  mkdirSync(path.dirname(LOCK), { recursive: true });
  writeFileSync(note, String(process.pid));
  process.on('exit', () => {
    rmSync(note, { force: true });
    if (read(LOCK) === String(process.pid)) rmSync(LOCK, { force: true });
  });
  while (!take(note)) {
    const holder = read(LOCK);
    if (holder !== undefined && !isAlive(Number(holder))) dismiss(holder);
    else await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

function take(note) {
  try {
    linkSync(note, LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a process that was killed, but not one that another took in between. */
function dismiss(holder) {
  const aside = `${LOCK}.${process.pid}.aside`;
  try {
    renameSync(LOCK, aside);
    if (read(aside) !== holder) linkSync(aside, LOCK);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a program without its output, unless it fails; a signal ends both. */
function run(command, args, failure) {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => said.push(piece));
  let signalled;
  const pass = (signal) => {
    signalled = signal;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
  return new Promise((resolve) => {
    child.once('error', (error) => stop(`${failure}: ${error.message}`));
    child.once('close', (status) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass);
      if (signalled) process.exit(signalled === 'SIGINT' ? 130 : 143);
      if (status !== 0) stop(`${failure}:\n${Buffer.concat(said)}`);
      resolve();
    });
  });
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function checksum(file) {
  return createHash('sha256')
    .update(readFileSync(at(file)))
    .digest('hex');
}

function say(text) {
  process.stderr.write(`berth: ${text}\n`);
}

function stop(text) {
  process.stderr.write(`berth: ${text}\n`);
  process.exit(1);
}
