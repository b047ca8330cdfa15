import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** How Compose is called here: as Docker's plugin, or as the program of Debian's package; undefined when neither is installed. */
export const composeCommand: readonly string[] | undefined = [['docker', 'compose'], ['docker-compose']].find(
  ([program = '', ...args]) => spawnSync(program, [...args, 'version'], { stdio: 'ignore' }).status === 0,
);

/** A busy machine's Engine says nothing for longer than the minute that Debian's program waits for it. */
const ENGINE_SECONDS = '600';

/** Why the installation's files can't be held against Compose here; undefined when they can. */
export function whyNoCompose(): string | undefined {
  return composeCommand ? undefined : 'docker-compose is not installed (Debian: apt-get install docker-compose)';
}

/** Runs Compose on the files of a directory. @returns what it wrote. @throws Error with the end of what it said */
export async function compose(dir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const [program = '', ...first] = composeCommand ?? [];
  try {
    const { stdout } = await promisify(execFile)(program, [...first, ...args], {
      cwd: dir,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        COMPOSE_DOCKER_CLI_BUILD: '0',
        COMPOSE_HTTP_TIMEOUT: ENGINE_SECONDS,
        ...env,
      },
      maxBuffer: 64 * 1024 ** 2,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${args[0]} failed:\n${(stdout + stderr).split('\n').slice(-40).join('\n')}`, { cause: error });
  }
}
