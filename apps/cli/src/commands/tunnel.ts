import { domainToUnicode } from 'node:url';
import type { Operation } from '@berth/contract/operation';
import type { TunnelDetail, TunnelSummary } from '@berth/contract/site';
import type { Command } from 'commander';
import { listAll } from '../api/list-all.ts';
import { readSite } from '../api/read-site.ts';
import { writeCertificate } from '../certificate/write-certificate.ts';
import { Failure } from '../failure.ts';
import { tableLines } from '../show/table.ts';
import { tunnelLines } from '../show/tunnel-lines.ts';
import {
  askOf,
  type ChangeOptions,
  type CommonOptions,
  changing,
  common,
  confirm,
  parsePort,
  patience,
  type Shell,
  taking,
  tellChange,
} from './shell.ts';

const pathOf = (key: string) => `/v1/sites/${encodeURIComponent(key)}/tunnel`;

/** Adds `berth tunnel …`. */
export function addTunnel(program: Command, shell: Shell): void {
  const tunnel = program.command('tunnel').description('see tunnels, and make one without an order');

  common(tunnel.command('list'))
    .description('list the tunnels, the newest first')
    .action((options) => listTunnels(shell, options));

  common(tunnel.command('info'))
    .description("show a site's tunnel with its connections")
    .argument('<site>', "the site's key, or the tunnel's name: customer-<key>")
    .action((name, options) => showTunnel(shell, name, options));

  changing(tunnel.command('create'))
    .description('give a site a tunnel for a domain; a site that is not there is made, of a tunnel alone')
    .argument('<site>', "the site's key, which is the customer's id: customer_123")
    .argument('<domain>', 'a registrable domain, such as example.com')
    .argument('[port]', 'where the tunnel leads on its host; default: one is chosen', parsePort)
    .option('--existing-zone', 'the zone of the domain may have been active before')
    .action((key, domain, port, options) => createTunnel(shell, { key, domain, port }, options));

  taking(tunnel.command('delete'))
    .description("take a site's tunnel away; its container stays, a site of a tunnel alone goes")
    .argument('<site>', "the site's key")
    .action((key, options) => deleteTunnel(shell, key, options));

  tunnel
    .command('cert')
    .description(
      'write the origin certificate that `cloudflared tunnel list` needs; on your own machine, never on a host',
    )
    .option('--out <file>', 'where to; default: ~/.cloudflared/cert.pem')
    .option('--force', 'replace one that is there')
    .action((options) => void shell.out.line(writeCertificate(shell.environment, options)));
}

async function listTunnels(shell: Shell, { json }: CommonOptions): Promise<void> {
  const tunnels = await listAll<TunnelSummary>(askOf(shell), 'listing tunnels', '/v1/tunnels');
  if (json) {
    shell.out.line(JSON.stringify(tunnels, null, 2));
    return;
  }
  if (tunnels.length === 0) {
    shell.err.line('there are no tunnels yet');
    return;
  }
  const columns = [
    { heading: 'NAME', cuts: true },
    { heading: 'DOMAIN', cuts: true },
    { heading: 'PORT' },
    { heading: 'STATUS' },
    { heading: 'ID' },
  ];
  const rows = tunnels.map(({ name, domain, port, status, id }) => [name, domain, String(port), status ?? '-', id]);
  for (const line of tableLines(columns, rows, shell.out.width)) shell.out.line(line);
}

async function showTunnel(shell: Shell, name: string, { json }: CommonOptions): Promise<void> {
  const key = name.replace(/^customer-/, '');
  const tunnel = await askOf(shell)<TunnelDetail>({ doing: `reading the tunnel of site ${key}`, path: pathOf(key) });
  const lines = json ? [JSON.stringify(tunnel, null, 2)] : tunnelLines(tunnel, shell.out);
  for (const line of lines) shell.out.line(line);
}

/** With --wait the last line is the seed's: `✅ Tunnel created for <domain> → localhost:<port>`. */
async function createTunnel(
  shell: Shell,
  { key, domain, port }: { key: string; domain: string; port: number | undefined },
  options: ChangeOptions & { existingZone?: boolean },
): Promise<void> {
  const ask = askOf(shell);
  const operation = await ask<Operation>({
    doing: `creating a tunnel for ${domain}`,
    method: 'PUT',
    path: pathOf(key),
    body: { domain, ...(port !== undefined && { port }), ...(options.existingZone && { existingZone: true }) },
    ...patience(shell, options),
  });
  await tellChange(shell, options, {
    ask,
    operation,
    begun: `a tunnel for ${domain} was asked for: site ${key}`,
    done: async () => {
      const { placement } = await readSite(ask, key);
      return `✅ Tunnel created for ${domain} → localhost:${placement?.port ?? port ?? ''}`;
    },
  });
}

async function deleteTunnel(shell: Shell, key: string, options: ChangeOptions & { yes?: boolean }): Promise<void> {
  const ask = askOf(shell);
  const { domain, parts } = await readSite(ask, key);
  if (domain === null) throw new Failure({ ending: 'notFound', what: `site ${key} has no tunnel` });
  const stays = parts.includes('container') ? 'its container runs on' : 'the site goes with it';
  await confirm(shell, options, `the tunnel of ${domainToUnicode(domain)} goes; ${stays}`, domain);
  const operation = await ask<Operation>({
    doing: `deleting the tunnel of site ${key}`,
    method: 'DELETE',
    path: pathOf(key),
    body: { domain },
  });
  await tellChange(shell, options, {
    ask,
    operation,
    begun: `the deletion of the tunnel of site ${key} was asked for`,
    done: () => `✅ Tunnel deleted for ${domain}; ${stays.replace('goes', 'went')}`,
  });
}
