import { setTimeout as delay } from 'node:timers/promises';
import type { ProtectionChangeAnswer, SiteProtection } from '@berth/contract/protection';
import type { Command } from 'commander';
import type { Ask } from '../api/ask.ts';
import { Failure } from '../failure.ts';
import { plain } from '../terminal.ts';
import { isChange, type ProtectOptions, wishOf } from './protection-wish.ts';
import { askOf, type ChangeOptions, changing, type Shell, timeoutMs } from './shell.ts';

type Options = ChangeOptions & ProtectOptions & { plan?: boolean };

const LOOK_MS = 1000;

/** Adds `berth site protect`. */
export function addProtect(site: Command, shell: Shell): void {
  const many = (value: string, before: string[] = []) => [...before, value];
  changing(site.command('protect'))
    .description('say who may visit a site, from where, how often; shows it when nothing is named')
    .argument('<site>', "the site's key")
    .option('--email <address>', 'who may enter; may be said more than once', many)
    .option('--email-domain <domain>', 'whoever has an address of it', many)
    .option('--group <id>', 'an Access group', many)
    .option('--service-token <id>', 'a program', many)
    .option('--session-hours <hours>', 'after so many hours one signs in again', countOf('--session-hours'))
    .option('--allow <network>', 'from nowhere else', many)
    .option('--block <network>', 'not from there', many)
    .option('--block-country <code>', 'such as US; T1 is Tor', many)
    .option('--rate <requests/seconds>', 'of one address, such as 100/10')
    .option('--rate-timeout <seconds>', 'for how long it is held off', countOf('--rate-timeout'))
    .option('--rate-path <path>', 'what the paths begin with that are counted')
    .option('--rate-challenge', 'what is too much is challenged, not held off')
    .option('--under-attack', 'every visitor is looked at before they get through')
    .option('--open <part>', 'access, ip, rate or attack: not protected by it any more', many)
    .option('--plan', 'only say what would change')
    .action((key, options) => protectSite(shell, key, options));
}

async function protectSite(shell: Shell, key: string, options: Options): Promise<void> {
  const ask = askOf(shell);
  const path = `/v1/sites/${encodeURIComponent(key)}/protection`;
  const before = await ask<SiteProtection>({ doing: `reading the protection of site ${key}`, path });
  if (!isChange(options)) {
    show(shell, options, before);
    return;
  }
  const answer = await ask<ProtectionChangeAnswer>({
    doing: `protecting site ${key}`,
    method: 'PUT',
    path: options.plan ? `${path}?plan=1` : path,
    headers: { 'if-match': before.etag },
    body: wishOf(options, before.wanted),
    // Asked again, it would be somebody else's change by then.
    repeatable: false,
  });
  if (options.plan || !options.wait) {
    if (options.json) shell.out.line(JSON.stringify(answer, null, 2));
    else for (const line of changeLines(answer)) shell.out.line(line);
    return;
  }
  if (!options.json) for (const line of noteLines(answer)) shell.out.line(line);
  const inForce = await untilInForce(shell, options, { ask, path, key, version: answer.protection.version });
  show(shell, options, inForce);
}

const noteLines = ({ notes }: Pick<ProtectionChangeAnswer, 'notes'>) =>
  notes.map(({ detail }) => `note: ${plain(detail)}`);

function changeLines({ applied, changes, problems, protection, ...more }: ProtectionChangeAnswer): string[] {
  const verb = applied ? 'is wanted' : 'would be wanted';
  return [
    ...changes.map(({ part, after }) => `${part} ${verb}: ${plain(JSON.stringify(after))}`),
    ...(changes.length === 0 ? ['nothing changes'] : []),
    ...problems.map(({ pointer, detail }) => `cannot be had: ${pointer} ${plain(detail)}`),
    ...noteLines(more),
    ...(applied && !protection.inForce
      ? [`\`berth site protect ${protection.site}\` tells whether it is in force`]
      : []),
  ];
}

function show({ out }: Shell, { json }: Options, protection: SiteProtection): void {
  if (json) {
    out.line(JSON.stringify(protection, null, 2));
    return;
  }
  const { wanted, inForce, plan, reason, message } = protection;
  for (const [part, value] of Object.entries(wanted)) out.line(`${part.padEnd(12)}${plain(JSON.stringify(value))}`);
  out.line(`${'plan'.padEnd(12)}${plan}`);
  out.line(
    `${'in force'.padEnd(12)}${inForce ? 'yes' : plain(`not yet: ${[reason, message].filter(Boolean).join(', ')}`)}`,
  );
}

async function untilInForce(
  { signal }: Shell,
  options: Options,
  { ask, path, key, version }: { ask: Ask; path: string; key: string; version: number },
): Promise<SiteProtection> {
  const deadline = performance.now() + timeoutMs(options);
  for (;;) {
    const now = await ask<SiteProtection>({ doing: `reading the protection of site ${key}`, path });
    if (now.inForce && now.version >= version) return now;
    if (performance.now() > deadline) {
      const why = [now.reason, now.message].filter(Boolean);
      throw new Failure({ ending: 'timeout', what: `the protection of site ${key} is not in force yet`, why });
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}

function countOf(option: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}$/.test(text)) return Number(text);
    throw new Failure({ ending: 'usage', what: `${option} takes a whole number, not ${text}` });
  };
}
