import { openSignInMail, SIGN_IN_MAIL } from '@berth/shared/contracts/sign-in-mail';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Secret } from '@berth/shared/runtime/secret';
import type { Vault } from '@berth/shared/runtime/vault';
import { within } from '@berth/shared/runtime/within';
import type { ClaimedDelivery } from '@berth/shared/store/deliveries';
import { createTransport } from 'nodemailer';
import { type Notice, notice } from '../notices/notice.ts';
import { signInNotice } from '../notices/sign-in-notice.ts';
import type { Answer, Channel } from './channel.ts';
import { headerText, mailHtml, mailText } from './mail-text.ts';
import { PEOPLE_RETRY_MS } from './retry-tables.ts';

interface Deps {
  /** `smtp://user:password@host:587` or `smtps://…`, with nodemailer's options as its query */
  smtpUrl: Secret;
  from: { name: string; address: string };
  /** opens mails by which somebody signs in */
  vault: Vault;
  clock: Pick<Clock, 'date'>;
  timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;
const OK = 250;

/** E-mail by SMTP; a delivery's target is the address. */
export function makeEmailChannel({ smtpUrl, from, vault, clock, timeoutMs = TIMEOUT_MS }: Deps): Channel {
  const transport = createTransport({
    url: smtpUrl.reveal(),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.address.split('@').at(-1) ?? 'localhost';
  return {
    atOnce: 2,
    gapMs: 0,
    retryMs: PEOPLE_RETRY_MS,
    async send(delivery, signal) {
      const told = noticeOf(delivery, vault, clock.date());
      if (!told) return { kind: 'canceled', code: null, problem: 'what it lets somebody in by has expired' };
      try {
        await transport.sendMail({
          from: { name: headerText(from.name), address: from.address },
          to: { name: '', address: delivery.target },
          subject: headerText(told.title),
          text: mailText(told),
          html: mailHtml(told),
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          ...threadOf(delivery, told, domain),
          signal: within(signal, timeoutMs),
        });
        return { kind: 'taken', code: OK };
      } catch (error) {
        return toAnswer(error);
      }
    },
  };
}

/** @returns undefined when nobody can use it any more */
function noticeOf({ kind, payload }: ClaimedDelivery, vault: Vault, now: Date): Notice | undefined {
  if (kind !== SIGN_IN_MAIL) return notice.parse(payload);
  const { mail, expiresAt } = openSignInMail(vault, payload);
  return expiresAt > now ? signInNotice(mail) : undefined;
}

/** The same message has the same id with each try; what belongs to one alert refers to its first message. */
function threadOf({ messageId }: ClaimedDelivery, { thread }: Notice, domain: string) {
  if (!thread) return { messageId: `<${messageId}@${domain}>` };
  const first = `<${thread.id}@${domain}>`;
  if (thread.begins) return { messageId: first };
  return { messageId: `<${messageId}@${domain}>`, inReplyTo: first, references: first };
}

/** What a server says with 5xx about a recipient or a message it says for ever; what it says about us may be mended. */
function toAnswer(error: unknown): Answer {
  const { responseCode, command } = error as { responseCode?: unknown; command?: unknown };
  const code = typeof responseCode === 'number' ? responseCode : null;
  const problem = messageOf(error);
  const isFinal = code !== null && code >= 500 && (command === 'RCPT TO' || command === 'DATA');
  return isFinal ? { kind: 'rejected', code, problem } : { kind: 'refused', code, problem };
}
