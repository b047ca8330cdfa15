/** What cloudflared's account commands need: which account and zone, and a token to ask with. */
export interface OriginToken {
  accountId: string;
  zoneId: string;
  apiToken: string;
}

const LINE = 64;
const LABEL = 'ARGO TUNNEL TOKEN';

/**
 * The content of a `cert.pem` as `cloudflared tunnel login` writes it: one PEM block, in it JSON (measured with cloudflared 2026.8.2).
 * There is no other way to give `cloudflared tunnel list` a token.
 */
export function originCertificate({ accountId, zoneId, apiToken }: OriginToken): string {
  const json = JSON.stringify({ zoneID: zoneId, accountID: accountId, apiToken });
  const base64 = Buffer.from(json).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `-----BEGIN ${LABEL}-----\n${lines.join('\n')}\n-----END ${LABEL}-----\n`;
}
