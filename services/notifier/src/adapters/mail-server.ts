import type { Secret } from '@berth/shared/runtime/secret';
import { createTransport } from 'nodemailer';

const TIMEOUT_MS = 20_000;

/** Says hello to the mail server and logs in, as before each mail. Nothing is sent. @throws when it doesn't answer, or refuses */
export function makeGreetMailServer(smtpUrl: Secret, timeoutMs = TIMEOUT_MS): () => Promise<void> {
  return async () => {
    const transport = createTransport({
      url: smtpUrl.reveal(),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.verify();
    } finally {
      transport.close();
    }
  };
}
