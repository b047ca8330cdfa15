import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));

/** Packages whose files are served as they are, and who serves them. */
const SERVED = { 'swagger-ui-dist': 'services/api', '@bull-board/ui': 'node_modules/@bull-board/api' };

/** What packages that were written for `require` expect to find, under names that no package uses itself. */
const COMMONJS = `
import { createRequire as berthCreateRequire } from 'node:module';
import { dirname as berthDirname } from 'node:path';
import { fileURLToPath as berthFileURLToPath } from 'node:url';
const require = berthCreateRequire(import.meta.url);
const __filename = berthFileURLToPath(import.meta.url);
const __dirname = berthDirname(__filename);
`;

/** Docker over SSH, and sessions of BuildKit: Berth offers neither, and each of its workers would load 2 MB of code for them at its start. */
const LEFT_OUT = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;
const DOCKER_CLIENT = /[\\/]node_modules[\\/](dockerode|docker-modem)[\\/]/;

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LEFT_OUT }, ({ path: name, importer }) =>
      DOCKER_CLIENT.test(importer) ? { path: name, namespace: 'left-out' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * Builds everything that an installation runs into one directory that needs nothing but Node: `node <service>.js`, `node key.js`, `node user.js`,
 * `node host.js`.
 * @param out is emptied first
 * @returns the names of the programs
 */
export async function buildServices(out: string): Promise<string[]> {
  const programs = findPrograms();
  rmSync(out, { recursive: true, force: true });
  await build({
    absWorkingDir: CLONE,
    entryPoints: programs,
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Each process keeps the text of its programs in memory: without indentation and comments it's 12 MB less. Traces name functions all the same.
    minifyWhitespace: true,
    lineLimit: 160,
    keepNames: true,
    legalComments: 'linked',
    banner: { js: COMMONJS },
    external: ['*.node'],
    plugins: [leaveOut],
    logLevel: 'error',
  });
  cpSync(path.join(CLONE, 'prisma/migrations'), path.join(out, 'prisma/migrations'), { recursive: true });
  for (const [name, user] of Object.entries(SERVED)) copyServed(name, user, out);
  writeFileSync(path.join(out, 'package.json'), `${JSON.stringify({ type: 'module', version: version() })}\n`);
  return Object.keys(programs);
}

function findPrograms(): Record<string, string> {
  const programs: Record<string, string> = {
    key: 'scripts/key.ts',
    user: 'scripts/user.ts',
    healthy: 'scripts/healthy.ts',
    host: 'scripts/host.ts',
  };
  for (const name of readdirSync(path.join(CLONE, 'services'))) {
    const main = `services/${name}/src/main.ts`;
    if (existsSync(path.join(CLONE, main))) programs[name] = main;
  }
  return programs;
}

/** Copies what a browser gets of a package: no source maps, which are most of it. */
function copyServed(name: string, user: string, out: string): void {
  const resolve = createRequire(path.join(CLONE, user, 'package.json')).resolve;
  const to = path.join(out, 'node_modules', name);
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(path.dirname(resolve(`${name}/package.json`)), to, {
    recursive: true,
    filter: (file) => !file.endsWith('.map'),
  });
}

function version(): string {
  return JSON.parse(readFileSync(path.join(CLONE, 'package.json'), 'utf8')).version;
}
