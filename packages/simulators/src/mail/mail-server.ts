import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { headersOf, textOf } from './read-mail.ts';

/** A mail as it came. */
export interface ReceivedMail {
  from: string;
  to: string[];
  /** headers by their lower-case names, unfolded */
  headers: Record<string, string>;
  /** what it says, as text */
  text: string;
  raw: string;
}

/** A real SMTP server that takes what it is sent. */
export interface MailServer {
  url: string;
  received: ReceivedMail[];
  /** Answers so to the recipients of the next mails; undefined: takes them. */
  refuse(code: number | undefined): void;
  stop(): Promise<void>;
}

/** Starts one on a free port. @param onMail told of each mail */
export async function startMailServer(onMail?: (mail: ReceivedMail) => void): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  let refusal: number | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, callback) => {
      if (refusal === undefined) return callback();
      callback(Object.assign(new Error('not here'), { responseCode: refusal }));
    },
    onData: (stream, { envelope }, callback) => {
      let raw = '';
      stream.setEncoding('utf8');
      stream.on('data', (piece: string) => (raw += piece));
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        const mail = { from, to, headers: headersOf(raw), text: textOf(raw), raw };
        received.push(mail);
        onMail?.(mail);
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    refuse(code) {
      refusal = code;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
