import { startMailServer } from '@berth/simulators/mail/mail-server';
import type { Ending } from './ending.ts';
import type { Terminal } from './terminal.ts';

/** Takes the mails that would be sent, and shows them. @returns what points the notifier there */
export async function receiveMails(
  terminal: Terminal,
  ending: Ending,
): Promise<{ SMTP_URL: string; SMTP_FROM: string }> {
  const server = await startMailServer(({ to, headers, text }) => {
    terminal.line(`  mail to ${to.join(', ')}: ${headers.subject ?? ''}`);
    for (const line of text.trimEnd().split('\n')) terminal.line(terminal.dim(`    ${line}`));
  });
  ending.add('the mail server', () => server.stop());
  return { SMTP_URL: server.url, SMTP_FROM: 'Berth <berth@example.org>' };
}
