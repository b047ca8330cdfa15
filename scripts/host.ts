import { setUpHost, tearDownHost } from '@berth/container-worker/host';
import { ConfigError } from '@berth/shared/runtime/config';

const EXIT_CONFIG = 78;

const USAGE = `usage: npm run host -- setup      put the firewall of this host's containers in place
       npm run host -- teardown   take it away, and networks of ours that nothing hangs on (docs/hosts.md)
`;

const commands: Readonly<Record<string, typeof setUpHost>> = { setup: setUpHost, teardown: tearDownHost };
const [name = '', ...surplus] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) && surplus.length === 0 ? commands[name] : undefined;

if (!command) {
  process.stderr.write(USAGE);
  process.exitCode = 64;
} else {
  try {
    for (const line of await command(process.env)) process.stdout.write(`${line}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
  }
}
