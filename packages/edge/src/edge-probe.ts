import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { isBerthError, messageOf } from '@berth/shared/errors/berth-error';
import { within } from '@berth/shared/runtime/within';
import { Client } from 'undici';
import type { EdgeHandshake, EdgeProbe, EdgeTarget, Sighting } from './sighting.ts';
import { resolveAtNameServers } from './zone-resolver.ts';

interface EdgeProbeOptions {
  /** host:port instead of what the zone's own name servers say */
  address?: string | undefined;
  /** host:port at Cloudflare's network, each address of which answers for the names of all zones */
  edge?: string;
  /** of name servers and of web servers */
  ports?: { dns: number; https: number };
  /** a file with further root certificates */
  caFile?: string | undefined;
  timeoutMs?: number;
}

const PROOF_STATUS = 204;
const BODY_MAX = 4096;
const EDGE = 'api.cloudflare.com:443';
const PORTS = { dns: 53, https: 443 };

/** Looks at host names through Cloudflare's edge by https, without following redirects. */
export function makeEdgeProbe({
  address,
  edge = EDGE,
  ports = PORTS,
  caFile,
  timeoutMs = 10_000,
}: EdgeProbeOptions): EdgeProbe & EdgeHandshake {
  const ca = caFile ? [...rootCertificates, readFileSync(caFile, 'utf8')] : undefined;

  async function connect(hostname: string, nameServers: readonly string[], signal: AbortSignal): Promise<Client> {
    if (address) return clientAt(address, hostname);
    const found = await resolveAtNameServers(hostname, nameServers, signal, ports.dns);
    return clientAt(`${found}:${ports.https}`, hostname);
  }

  function clientAt(at: string, hostname: string): Client {
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

  async function answers(client: Client, hostname: string, signal: AbortSignal): Promise<boolean> {
    try {
      await ask(client, hostname, '/', signal);
      return true;
    } catch {
      if (signal.aborted) throw signal.reason;
      return false;
    } finally {
      await client.destroy();
    }
  }

  const hasCertificate = (hostname: string, signal: AbortSignal) =>
    answers(clientAt(address ?? edge, hostname), hostname, signal);

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
        const isNobody = isAboutTls(error) || isRefused(error) || leadsNowhere(error);
        if (isNobody && !address && (await hasCertificate(hostname, signal))) return { kind: 'leads-past' };
        return isAboutTls(error) ? { kind: 'no-certificate' } : { kind: 'unreachable', why: messageOf(error) };
      } finally {
        await client?.destroy();
      }
    },
    hasCertificate,
    async isServed(hostname, nameServers, signal) {
      // Where all names are looked at in one place, nobody knows where a name leads.
      if (address) return true;
      try {
        return await answers(await connect(hostname, nameServers, signal), hostname, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return !leadsNowhere(error);
      }
    },
  };
}

/** Whether the zone's name servers say that there is no address. */
function leadsNowhere(error: unknown): boolean {
  return isBerthError(error) && ['ENOTFOUND', 'ENODATA'].includes(codeOf(error.cause));
}

/** Cloudflare's own error pages name their code: `error code: 1033`. */
function edgeCodeOf(text: string): number | undefined {
  const found = /error code: (\d{4})/.exec(text)?.[1];
  return found ? Number(found) : undefined;
}

function isRefused(error: unknown): boolean {
  return codeOf(error) === 'ECONNREFUSED';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isAboutTls(error: unknown): boolean {
  const code = codeOf(error);
  return /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);
}
