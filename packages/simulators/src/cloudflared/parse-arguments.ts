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
  const plain: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    const flag = parseFlag(word, plain.length > 0);
    if (flag === undefined) {
      plain.push(word);
    } else if (!switches.has(flag.name)) {
      index += flag.value === undefined ? 1 : 0;
      const value = flag.value ?? rest[index];
      if (value === undefined) {
        throw new StartFailure(`Incorrect Usage: flag needs an argument: -${flag.name}`);
      }
      flags.set(flag.name === 'cred-file' ? 'credentials-file' : flag.name, value);
    }
  }
  if (plain[0] !== 'run' || plain.length > 2) {
    throw new StartFailure('"cloudflared tunnel" runs a tunnel with the command run and at most one name behind it');
  }
  return {
    config: flags.get('config'),
    credentialsFile: flags.get('credentials-file'),
    metrics: flags.get('metrics'),
    gracePeriod: flags.get('grace-period'),
    tunnel: plain[1],
  };
}

function parseFlag(word: string, running: boolean): { name: string; value: string | undefined } | undefined {
  const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(word);
  if (match === null) {
    return undefined;
  }
  const name = match[1] ?? '';
  if (!switches.has(name) && !runFlags.has(name) && (running || !tunnelFlags.has(name))) {
    throw new StartFailure(`Incorrect Usage: flag provided but not defined: -${name}`);
  }
  return { name, value: match[2] };
}
