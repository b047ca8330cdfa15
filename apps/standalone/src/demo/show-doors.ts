import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { curlLine } from './fetch-through-edge.ts';
import type { DemoSite } from './order-sites.ts';
import type { World } from './start-world.ts';
import type { Terminal } from './terminal.ts';
import type { VisitedSite } from './visit-sites.ts';

const MOST_SHOWN = 12;

/** Prints links by which the portal is seen as a customer and as an operator; each signs in once. */
export async function showPortal({ linkFor }: World, sites: readonly DemoSite[], terminal: Terminal): Promise<void> {
  terminal.title('Watch in the portal');
  const [first] = sites;
  if (first) {
    const { domain, email } = first.customer;
    terminal.line(`  as the customer of ${domain}`);
    terminal.line(`    ${await linkFor({ customer: email })}`);
  }
  terminal.line('  as an operator');
  terminal.line(`    ${await linkFor('operator')}`);
}

/** Prints what a person can open: the API's description, the queues, a shell, and each site; of very many sites a file with all. */
export function showDoors(
  { apiUrl, databaseUrl, operatorKey, orderSystemKey, edge }: World,
  sites: readonly VisitedSite[],
  { terminal, dir, once }: { terminal: Terminal; dir: string; once: boolean },
): void {
  terminal.title(once ? 'Open, in a demo that stays (without --once)' : 'Open');
  terminal.line(`  API docs         ${apiUrl}/docs`);
  terminal.line(`  queue dashboard  ${apiUrl}/admin/queues   user: demo   password: ${operatorKey}`);
  terminal.line(
    `  all sites        curl --noproxy '*' -H 'Authorization: Bearer ${orderSystemKey}' ${apiUrl}/v1/sites`,
  );
  terminal.title(once ? 'From another shell, beside a demo that stays' : 'From another shell');
  terminal.line(
    `  export BERTH_API_URL=${apiUrl} BERTH_API_KEY=${operatorKey}   # for berth, and for the README's curl`,
  );
  terminal.line(`  export DATABASE_URL=${databaseUrl}   # for npm run key and npm run user`);
  terminal.line('  npx berth site list');
  terminal.title('The sites');
  const linesOf = (site: VisitedSite) => [
    `  ${terminal.bold(site.domain)}${site.host === site.domain ? '' : ` (${site.host})`}`,
    `    through the edge  ${curlLine(site.host, edge)}`,
    `    its container     ${site.containerUrl ?? 'none'}`,
  ];
  for (const line of sites.slice(0, MOST_SHOWN).flatMap(linesOf)) terminal.line(line);
  if (sites.length <= MOST_SHOWN) return;
  const file = path.join(dir, 'sites.txt');
  writeFileSync(file, sites.map((site) => `${site.domain}\t${curlLine(site.host, edge)}\n`).join(''));
  terminal.line(`  and ${sites.length - MOST_SHOWN} more: ${file}`);
}
