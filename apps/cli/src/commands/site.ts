import type { SiteSummary } from '@berth/contract/site';
import type { Command } from 'commander';
import { listAll } from '../api/list-all.ts';
import { readSite } from '../api/read-site.ts';
import { siteLines } from '../show/site-lines.ts';
import { tableLines } from '../show/table.ts';
import { deleteSite, deploySite, restartSite } from './change-site.ts';
import { createSite } from './create-site.ts';
import { listRequests } from './list-requests.ts';
import { addProtect } from './protect-site.ts';
import { askOf, type CommonOptions, changing, common, parsePort, type Shell, taking } from './shell.ts';

/** Adds `berth site …`. */
export function addSite(program: Command, shell: Shell): void {
  const site = program.command('site').description('order, see and change sites');

  changing(site.command('create'))
    .description('order a site with a container and a tunnel; LICENSE_KEY holds its licence key')
    .argument('<customer>', "the customer's id, such as customer_123")
    .requiredOption('--domain <domain>', 'a registrable domain, such as example.com')
    .requiredOption('--image <image>', 'such as registry.example.org/site:1.4.2')
    .option('--order <id>', 'the id of the order; the same one again is the same order')
    .option('--name <name>', "the customer's name; default: the id")
    .requiredOption('--email <address>', "the customer's e-mail address")
    .option('--port <port>', 'a port of the host to wish for', parsePort)
    .option('--environment <name>', 'production or staging', 'production')
    .option('--memory <size>', 'such as 512m')
    .option('--cpus <number>', 'such as 0.5')
    .option('--health-path <path>', 'what the container is asked for, such as /health')
    .option('--profile <name>', 'strict or compatible: what the container may do inside')
    .option('--env <NAME=value>', 'a variable of the container; may be said more than once', collect, [])
    .option('--existing-zone', 'the zone of the domain may have been active before')
    .action((customer, options) => createSite(shell, customer, options));

  common(site.command('show'))
    .description('show one site, with everything that stands of it')
    .argument('<site>', "the site's key, such as customer_123")
    .action((key, options) => showSite(shell, key, options));

  common(site.command('list'))
    .description('list the sites, the newest first')
    .option('--all', 'also those that are gone')
    .action((options) => listSites(shell, options));

  common(site.command('requests'))
    .description("list what a site's visitors asked for, from Cloudflare's sample, the newest first")
    .argument('<site>', "the site's key")
    .option('--path <text>', 'paths that hold this text')
    .option('--status <status>', 'such as 404 or 5xx')
    .option('--country <code>', 'two letters, such as DE')
    .option('--address <address>', 'visitors of the network that this address or network is in')
    .option('--from <time>', 'such as 2026-11-26T08:00:00Z')
    .option('--to <time>', 'excluded')
    .option('--limit <count>', 'at most so many, up to 200', '50')
    .action((key, options) => listRequests(shell, key, options));

  changing(site.command('restart'))
    .description("restart a site's container or tunnel")
    .argument('<site>', "the site's key")
    .argument('[part]', 'container or tunnel', 'container')
    .action((key, part, options) => restartSite(shell, key, part, options));

  changing(site.command('deploy'))
    .description("replace a site's container, or make its first one; LICENSE_KEY changes its licence key")
    .argument('<site>', "the site's key")
    .argument('<image>', 'such as registry.example.org/site:1.4.3')
    .option('--port <port>', 'the port that it has, or is to have', parsePort)
    .option('--profile <name>', 'strict or compatible: what the container may do inside')
    .option('--create', 'make the site when there is none, of a container alone')
    .action((key, image, options) => deploySite(shell, key, image, options));

  addProtect(site, shell);

  taking(site.command('delete'))
    .description('take a site away with everything that belongs to it')
    .argument('<site>', "the site's key")
    .action((key, options) => deleteSite(shell, key, options));
}

const collect = (value: string, before: string[]) => [...before, value];

async function showSite(shell: Shell, key: string, { json }: CommonOptions): Promise<void> {
  const site = await readSite(askOf(shell), key);
  const lines = json ? [JSON.stringify(site, null, 2)] : siteLines(site, shell.out);
  for (const line of lines) shell.out.line(line);
}

async function listSites(shell: Shell, { json, all }: CommonOptions & { all?: boolean }): Promise<void> {
  const sites = await listAll<SiteSummary>(askOf(shell), 'listing sites', `/v1/sites?gone=${Boolean(all)}`);
  if (json) {
    shell.out.line(JSON.stringify(sites, null, 2));
    return;
  }
  if (sites.length === 0) {
    shell.err.line('there are no sites yet; `berth site create --help` tells how to order one');
    return;
  }
  const columns = [
    { heading: 'SITE', cuts: true },
    { heading: 'DOMAIN', cuts: true },
    { heading: 'STATE' },
    { heading: 'PARTS' },
    { heading: 'CREATED' },
  ];
  const rows = sites.map(({ key, domain, state, parts, createdAt }) => [
    key,
    domain ?? '-',
    state,
    parts.join('+'),
    createdAt.slice(0, 10),
  ]);
  for (const line of tableLines(columns, rows, shell.out.width)) shell.out.line(line);
}
