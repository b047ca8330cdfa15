import { operatorRoles } from '@berth/contract/roles';
import { systemChance } from '@berth/shared/runtime/chance';
import { setting } from '@berth/shared/runtime/config';
import { makeInvitation, makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import type { Database } from '@berth/shared/store/database';
import { addOperator, listOperators } from '@berth/shared/store/operators';
import { ensureCustomerUser, findUserByEmail } from '@berth/shared/store/users';
import { z } from 'zod';
import { runOnDatabase, UsageError, wordsOf } from './commands/on-database.ts';

const USAGE = `usage:
  npm run user -- create --email ADDRESS --name NAME [--role ${operatorRoles.join('|')}] [--language en|de]
  npm run user -- invite ADDRESS     a new invitation: password and second factor are chosen anew
  npm run user -- link ADDRESS       signs in once, within 15 minutes; also a customer
  npm run user -- list
`;
const LINK_MS = 900_000;

const wish = z.object({
  email: z.email('must be an e-mail address').max(254),
  name: z.string('is required').trim().min(1, 'is required').max(200),
  role: z.enum(operatorRoles).default('admin'),
  language: z.enum(['en', 'de']).default('en'),
});

await runOnDatabase({
  usage: USAGE,
  settings: { PUBLIC_URL: setting.url('https:', 'http:').default('http://127.0.0.1:8080') },
  parse: (args, { PUBLIC_URL }) => parse(args, new URL(String(PUBLIC_URL)).origin),
});

/** What was asked for. @throws UsageError */
function parse(args: string[], publicUrl: string): (db: Database) => Promise<string> {
  const { words, options } = wordsOf(args, ['email', 'name', 'role', 'language']);
  const [verb, address, ...surplus] = words;
  if (surplus.length > 0) throw new UsageError(`${surplus.join(' ')}: not understood`);
  switch (verb) {
    case 'create':
      return create(wishOf(options), publicUrl);
    case 'invite':
      return invite(addressOf(address), publicUrl);
    case 'link':
      return link(addressOf(address), publicUrl);
    case 'list':
      return list;
    default:
      throw new UsageError(verb === undefined ? 'say what to do' : `${verb}: not understood`);
  }
}

function wishOf(values: unknown): z.output<typeof wish> {
  const read = wish.safeParse(values);
  if (read.success) return read.data;
  throw new UsageError(read.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('\n'));
}

function addressOf(text: string | undefined): string {
  if (text && z.email().safeParse(text).success) return text;
  throw new UsageError('say whose e-mail address (npm run user -- list)');
}

function create(asked: z.output<typeof wish>, publicUrl: string) {
  return async (db: Database) => {
    const id = await addOperator(db, asked);
    const { url, expiresAt } = await makeInvitation({ db, chance: systemChance, publicUrl }, id);
    process.stderr.write(`${asked.email} (${asked.role}) chooses a password by this link, until ${expiresAt}:\n`);
    return `${url}\n`;
  };
}

function invite(address: string, publicUrl: string) {
  return async (db: Database) => {
    const user = await findUserByEmail(db, address);
    if (!user || user.role === 'customer') throw new Error(`nobody who runs Berth has the address ${address}`);
    return `${(await makeInvitation({ db, chance: systemChance, publicUrl }, user.id)).url}\n`;
  };
}

function link(address: string, publicUrl: string) {
  return async (db: Database) => {
    const user = (await findUserByEmail(db, address)) ?? (await ensureCustomerUser(db, address));
    if (!user) throw new Error(`neither a customer nor anybody who runs Berth has the address ${address}`);
    const deps = { db, chance: systemChance, publicUrl };
    return `${(await makeSignInLink(deps, { email: user.email, validMs: LINK_MS })).url}\n`;
  };
}

async function list(db: Database): Promise<string> {
  const stands = ({
    disabled,
    hasSecondFactor,
    hasPassword,
  }: {
    disabled: boolean;
    hasSecondFactor: boolean;
    hasPassword: boolean;
  }) => (disabled ? 'disabled' : hasSecondFactor ? 'ready' : hasPassword ? 'second factor missing' : 'invited');
  const users = await listOperators(db);
  return users.map((user) => `${[user.email, user.role, stands(user), user.name].join('\t')}\n`).join('');
}
