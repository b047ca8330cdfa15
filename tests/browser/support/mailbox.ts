import { type MailServer, type ReceivedMail, startMailServer } from '@berth/simulators/mail/mail-server';
import { until } from '../../support/until.ts';

/** The mails that really came, over SMTP. */
export interface Mailbox {
  settings: { SMTP_URL: string; SMTP_FROM: string };
  /** Waits for the mail that comes to an address after those that were read already. */
  next(address: string): Promise<ReceivedMail>;
  stop(): Promise<void>;
}

export async function openMailbox(): Promise<Mailbox> {
  const server: MailServer = await startMailServer();
  const read = new Set<ReceivedMail>();
  return {
    settings: { SMTP_URL: server.url, SMTP_FROM: 'Berth <berth@example.org>' },
    async next(address) {
      const mail = await until(`${address} has a mail`, async () =>
        server.received.find((one) => one.to.includes(address) && !read.has(one)),
      );
      read.add(mail);
      return mail;
    },
    stop: () => server.stop(),
  };
}

/** The link of a mail, at the address where the portal of a test listens: its port isn't known when the mail's is configured. */
export function linkIn({ text }: ReceivedMail, portalUrl: string): string {
  const found = /^https?:\/\/\S+$/m.exec(text)?.[0];
  if (!found) throw new Error(`no link in ${text}`);
  const { pathname, hash } = new URL(found);
  return portalUrl + pathname + hash;
}

/** The six digits that a mail has beside its link. */
export function codeIn({ text }: ReceivedMail): string {
  return /^Code: (\d{6})$/m.exec(text)?.[1] ?? '';
}
