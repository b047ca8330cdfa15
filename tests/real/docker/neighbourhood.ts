import { execFile, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

/** Addresses around the host: a machine in its private network that also stands for other private networks and the internet. */
export const around = {
  host: '192.168.77.1',
  lan: '192.168.77.2',
  ten: '10.9.0.1',
  carrier: '100.64.0.9',
  shared: '172.16.5.5',
  metadata: '169.254.169.254',
  internet: '203.0.113.7',
  hostV6: 'fd00:77::1',
  lanV6: 'fd00:77::2',
} as const;

/** What the machines around answer with, and on which port. */
export const answers = { port: 8080, host: 'the host', lan: 'a machine beside it' } as const;

export interface Neighbourhood {
  /** Asks for a page from the machine beside the host. @returns its answer; undefined when there is none in that time */
  askFromLan(url: string, seconds: number): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Puts a machine beside the host, in a network namespace of its own, and a service on all addresses of the host. */
export async function makeNeighbourhood(): Promise<Neighbourhood> {
  const lan = spawn('unshare', ['--net', process.execPath, '-e', LAN_SERVICE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => lan.stdout?.once('data', resolve));
  const inLan = (...words: string[]) => run('nsenter', '-t', String(lan.pid), '-n', ...words);
  const { host: _, hostV6: __, lanV6, ...beside } = around;

  ip(`link add lan0 type veth peer name eth0 netns ${lan.pid}`);
  ip(`addr add ${around.host}/24 dev lan0`);
  ip(`addr add ${around.hostV6}/64 dev lan0 nodad`);
  ip('link set lan0 up');
  const commands = [
    'link set lo up',
    'link set eth0 up',
    ...Object.values(beside).map((address) => `addr add ${address}/24 dev eth0`),
    `addr add ${lanV6}/64 dev eth0 nodad`,
    // It knows the way to the containers, as any machine in the host's network can.
    `route add 10.200.0.0/16 via ${around.host}`,
    `route add default via ${around.host}`,
  ];
  for (const words of commands) inLan('ip', ...words.split(' '));
  for (const address of Object.values(beside)) if (address !== around.lan) ip(`route add ${address} dev lan0`);

  const server = createServer((__, response) => response.end(answers.host));
  await new Promise<void>((resolve) => server.listen(answers.port, '::', resolve));
  return {
    askFromLan: (url, seconds) => askFrom(lan.pid ?? 0, url, seconds),
    async stop() {
      ip('link delete lan0');
      const ended = new Promise((resolve) => lan.once('exit', resolve));
      lan.kill('SIGKILL');
      await ended;
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

const LAN_SERVICE = `require('node:http').createServer((_, response) => response.end(${JSON.stringify(answers.lan)}))
  .listen(${answers.port}, '::', () => console.log('listens'))`;

const ASK = `fetch(process.argv[1], { signal: AbortSignal.timeout(Number(process.argv[2]) * 1000) })
  .then(async (answer) => process.stdout.write(await answer.text()), () => undefined)`;

/**
 * Asks for a page from the network namespace of a process. The host's service answers from this process, which so must not wait for it.
 * @returns its answer; undefined when there is none in that time
 */
export async function askFrom(pid: number, url: string, seconds: number): Promise<string | undefined> {
  const words = ['-t', String(pid), '-n', process.execPath, '-e', ASK, url, String(seconds)];
  return (await promisify(execFile)('nsenter', words)).stdout || undefined;
}

function ip(words: string): void {
  run('ip', ...words.split(' '));
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' });
}
