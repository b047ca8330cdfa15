export interface RunArguments {
  config: string | undefined;
  credentialsFile: string | undefined;
  metrics: string | undefined;
  gracePeriod: string | undefined;
  /** name or id after `run` */
  tunnel: string | undefined;
}

/** The process ends at once: the exit status and the line it leaves on stderr. */
export class StartFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'StartFailure';
    this.exitCode = exitCode;
  }
}

const tunnelFlags = new Set([
  'autoupdate-freq',
  'cacert',
  'config',
  'edge',
  'edge-bind-address',
  'edge-ip-version',
  'grace-period',
  'ha-connections',
  'label',
  'logfile',
  'loglevel',
  'metrics',
  'origincert',
  'pidfile',
  'protocol',
  'region',
  'retries',
  'tag',
]);
const runFlags = new Set(['credentials-contents', 'credentials-file', 'cred-file', 'features', 'token', 'token-file']);
const switches = new Set(['no-autoupdate', 'no-prechecks', 'no-tls-verify', 'post-quantum', 'pq']);

/**
 * The arguments of `cloudflared tunnel [flags] run [flags] [NAME|ID]`, the program's own name left out.
 * @throws StartFailure for what cloudflared does not know: flags of `tunnel` are refused behind `run`
 */
export function parseRunArguments(words: string[]): RunArguments {
  const [command, ...rest] = words;
  if (command !== 'tunnel') {
    throw new StartFailure(`No help topic for '${command ?? ''}'`, 3);
  }
  const flags = new Map<string, string>();
  let tunnel: string | undefined;
  let running = false;
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(word);
    if (match === null) {
      if (running) {
        tunnel = word;
      } else if (word !== 'run') {
        throw new StartFailure(`"cloudflared tunnel" accepts only one argument`, 1);
      }
      running = true;
      continue;
    }
    const name = match[1] ?? '';
    if (switches.has(name)) {
      continue;
    }
    if (!runFlags.has(name) && (running || !tunnelFlags.has(name))) {
      throw new StartFailure(`Incorrect Usage: flag provided but not defined: -${name}`);
    }
    if (match[2] === undefined) {
      index += 1;
    }
    const value = match[2] ?? rest[index];
    if (value === undefined) {
      throw new StartFailure(`Incorrect Usage: flag needs an argument: -${name}`);
    }
    flags.set(name === 'cred-file' ? 'credentials-file' : name, value);
  }
  if (!running) {
    throw new StartFailure('"cloudflared tunnel" needs the command run');
  }
  return {
    config: flags.get('config'),
    credentialsFile: flags.get('credentials-file'),
    metrics: flags.get('metrics'),
    gracePeriod: flags.get('grace-period'),
    tunnel,
  };
}
