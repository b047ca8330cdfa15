import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { TunnelCredentials } from '../edge/tunnel-link.ts';
import { type IngressRule, parseIngress } from './ingress.ts';
import { type RunArguments, StartFailure } from './parse-arguments.ts';

export interface Configuration {
  credentials: TunnelCredentials;
  ingress: IngressRule[];
  /** `host:port`, or undefined: then any free port */
  metrics: string | undefined;
  gracePeriodMs: number;
}

type Fields = Record<string, unknown>;
const toText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * Reads what `cloudflared tunnel run` reads: the YAML and the credentials.
 * @throws StartFailure as the real one ends: missing or broken files, no catch-all rule, a bad service, no tunnel named
 */
export function readConfiguration(given: RunArguments): Configuration {
  const fields = given.config === undefined ? {} : readYaml(given.config);
  const tunnel = given.tunnel ?? toText(fields.tunnel);
  if (tunnel === undefined) {
    throw new StartFailure(
      '"cloudflared tunnel run" requires the ID or name of the tunnel to run as the last command line argument or in the configuration file.',
    );
  }
  const credentialsFile = given.credentialsFile ?? toText(fields['credentials-file']);
  if (credentialsFile === undefined) {
    throw new StartFailure(
      `tunnel credentials file not found: could not find a credentials file for tunnel ${tunnel}; no --credentials-file was given`,
    );
  }
  return {
    credentials: readCredentials(credentialsFile),
    ingress: parseIngress(fields.ingress),
    metrics: given.metrics ?? toText(fields.metrics),
    gracePeriodMs: parseDuration(given.gracePeriod ?? toText(fields['grace-period']) ?? '30s'),
  };
}

/** The YAML of a configuration file. @throws StartFailure when it is missing or broken */
export function readYaml(path: string): Fields {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new StartFailure(`Cannot read the configuration: open ${path}: no such file or directory`);
  }
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new StartFailure(`error parsing YAML in config file at ${path}: ${reason}`);
  }
  if (parsed === null || parsed === undefined) {
    return {};
  }
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new StartFailure(`error parsing YAML in config file at ${path}: yaml: unmarshal errors: cannot unmarshal`);
  }
  return parsed as Fields;
}

function readCredentials(path: string): TunnelCredentials {
  let text: string;
  try {
    if (!statSync(path).isFile()) {
      throw new Error('not a file');
    }
    text = readFileSync(path, 'utf8');
  } catch {
    throw new StartFailure(`Tunnel credentials file '${path}' doesn't exist or is not a file`);
  }
  let fields: Fields;
  try {
    fields = JSON.parse(text) as Fields;
  } catch {
    throw new StartFailure(`Invalid JSON when parsing tunnel credentials file '${path}'`);
  }
  const tunnelId = toText(fields?.TunnelID);
  const accountTag = toText(fields?.AccountTag);
  const tunnelSecret = toText(fields?.TunnelSecret);
  if (tunnelId === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tunnelId)) {
    throw new StartFailure(`Invalid JSON when parsing tunnel credentials file '${path}': invalid UUID`);
  }
  return { tunnelId, accountTag: accountTag ?? '', tunnelSecret: tunnelSecret ?? '' };
}

/** A Go duration (`30s`, `1m30s`, `500ms`) in ms, at most three minutes, cloudflared's own limit. @throws StartFailure */
export function parseDuration(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.map(([whole]) => whole).join('') !== text || parts.length === 0) {
    throw new StartFailure(`time: invalid duration "${text}"`);
  }
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0);
  if (ms > 180_000) {
    throw new StartFailure(`grace-period must be equal or less than 3m0s`);
  }
  return ms;
}
