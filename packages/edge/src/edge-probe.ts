import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { messageOf } from '@berth/shared/errors/berth-error';
import { within } from '@berth/shared/runtime/within';
import { Client } from 'undici';
import type { EdgeHandshake, EdgeProbe, EdgeTarget, Sighting } from './sighting.ts';
import { resolveAtNameServers } from './zone-resolver.ts';

interface EdgeProbeOptions {
  /** host:port instead of what the zone's own name servers say */
  address?: string | undefined;
  /** a file with further root certificates */
  caFile?: string | undefined;
  timeoutMs?: number;
}

const PROOF_STATUS = 204;
const BODY_MAX = 4096;

/** Looks at host names through Cloudflare's edge by https, without following redirects. */
export function makeEdgeProbe({ address, caFile, timeoutMs = 10_000 }: EdgeProbeOptions): EdgeProbe & EdgeHandshake {
  const ca = caFile ? [...rootCertificates, readFileSync(caFile, 'utf8')] : undefined;

  async function connect(hostname: string, nameServers: readonly string[], signal: AbortSignal): Promise<Client> {
    const at = address ?? `${await resolveAtNameServers(hostname, nameServers, signal)}:443`;
    return new Client(`https://${at}`, {
      connect: { servername: hostname, timeout: timeoutMs, ...(ca && { ca }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      pipelining: 1,
    });
  }

  async function ask(
    client: Client,
    hostname: string,
    path: string,
    signal: AbortSignal,
    headers: EdgeTarget['proofHeaders'] = {},
  ) {
    const answer = await client.request({
      method: 'GET',
      path,
      headers: { ...headers, host: hostname },
      signal: withDeadline(signal),
    });
    let text = '';
    for await (const chunk of answer.body) {
      text += String(chunk);
      if (text.length > BODY_MAX) break;
    }
    return { status: answer.statusCode, text };
  }

  const withDeadline = (signal: AbortSignal) => within(signal, timeoutMs);

  return {
    async look({ hostname, path, nameServers, expectsPage, proofHeaders }, signal): Promise<Sighting> {
      let client: Client | undefined;
      try {
        client = await connect(hostname, nameServers, signal);
        const proof = await ask(client, hostname, path, signal, proofHeaders);
        if (proof.status !== PROOF_STATUS) {
          return { kind: 'not-proven', status: proof.status, edgeCode: edgeCodeOf(proof.text) };
        }
        if (!expectsPage) return { kind: 'proven' };
        const page = await ask(client, hostname, '/', signal);
        return page.status < 500 ? { kind: 'proven' } : { kind: 'failing', status: page.status };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return isAboutTls(error) ? { kind: 'no-certificate' } : { kind: 'unreachable', why: messageOf(error) };
      } finally {
        await client?.destroy();
      }
    },
    async hasCertificate(hostname, nameServers, signal) {
      let client: Client | undefined;
      try {
        client = await connect(hostname, nameServers, signal);
        await ask(client, hostname, '/', signal);
        return true;
      } catch {
        if (signal.aborted) throw signal.reason;
        return false;
      } finally {
        await client?.destroy();
      }
    },
  };
}

/** Cloudflare's own error pages name their code: `error code: 1033`. */
function edgeCodeOf(text: string): number | undefined {
  const found = /error code: (\d{4})/.exec(text)?.[1];
  return found ? Number(found) : undefined;
}

function isAboutTls(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);
}
