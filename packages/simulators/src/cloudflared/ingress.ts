import { StartFailure } from './parse-arguments.ts';

/** What a rule leads to; `unsupported` passes validation and answers 502, since nothing speaks it here. */
export type IngressService =
  | { kind: 'http'; host: string; port: number }
  | { kind: 'status'; status: number }
  | { kind: 'unsupported' };

export interface IngressRule {
  /** '' and '*' match every host */
  hostname: string;
  path: RegExp | undefined;
  /** the path as written, which the expression's own source is not: it escapes slashes */
  writtenPath: string;
  /** the service as written */
  written: string;
  service: IngressService;
  hostHeader: string | undefined;
}

type Fields = Record<string, unknown>;
const toFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const toText = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * The `ingress` list of a configuration; empty when there is none.
 * @throws StartFailure in the words of `cloudflared tunnel ingress validate`
 */
export function parseIngress(value: unknown): IngressRule[] {
  const rules = Array.isArray(value) ? value.map(toFields) : [];
  return rules.map((rule, index) => {
    const hostname = toText(rule.hostname);
    const last = index === rules.length - 1;
    assertHostname(hostname, index);
    const matchesAll = (hostname === '' || hostname === '*') && toText(rule.path) === '';
    if (last && !matchesAll) {
      throw new StartFailure(
        'Validation failed: The last ingress rule must match all URLs (i.e. it should not have a hostname or path filter)',
      );
    }
    if (!last && matchesAll) {
      throw new StartFailure(
        `Validation failed: Rule #${index + 1} is matching the hostname '${hostname}', but this will match every hostname, meaning the rules which follow it will never be triggered.`,
      );
    }
    return {
      hostname,
      path: parsePath(toText(rule.path), index),
      writtenPath: toText(rule.path),
      written: toText(rule.service),
      service: parseService(toText(rule.service)),
      hostHeader: toText(toFields(rule.originRequest).httpHostHeader) || undefined,
    };
  });
}

/** The first rule whose host name and path match; undefined only when there are no rules. */
export function findRule(
  rules: IngressRule[],
  host: string,
  path: string,
): { rule: IngressRule; index: number } | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const index = rules.findIndex((rule) => matchesHost(rule.hostname, name) && (rule.path?.test(path) ?? true));
  const rule = rules[index];
  return rule === undefined ? undefined : { rule, index };
}

function matchesHost(pattern: string, host: string): boolean {
  if (pattern === '' || pattern === '*') {
    return true;
  }
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1).toLowerCase()) : pattern.toLowerCase() === host;
}

function assertHostname(hostname: string, index: number): void {
  if (hostname.includes(':')) {
    throw new StartFailure('Validation failed: Hostname cannot contain a port');
  }
  if (hostname.lastIndexOf('*') > 0 || (hostname.startsWith('*') && hostname.length > 1 && hostname[1] !== '.')) {
    throw new StartFailure(
      'Validation failed: Hostname patterns can have at most one wildcard character ("*") and it can only be used for subdomains, e.g. "*.example.com"',
    );
  }
  if (/\s/.test(hostname)) {
    throw new StartFailure(`Validation failed: Rule #${index + 1} has an invalid hostname`);
  }
}

function parsePath(path: string, index: number): RegExp | undefined {
  if (path === '') {
    return undefined;
  }
  try {
    return new RegExp(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartFailure(`Validation failed: Rule #${index + 1} has an invalid regex: ${reason}`);
  }
}

function parseService(service: string): IngressService {
  const status = /^http_status:(.*)$/.exec(service);
  if (status !== null) {
    const code = Number(status[1]);
    if (!Number.isInteger(code) || code < 100 || code > 999) {
      throw new StartFailure(`Validation failed: invalid HTTP status code: ${status[1] ?? ''}`);
    }
    return { kind: 'status', status: code };
  }
  if (['hello_world', 'hello-world', 'bastion', 'socks-proxy'].includes(service) || service.startsWith('unix')) {
    return { kind: 'unsupported' };
  }
  let url: URL | undefined;
  try {
    url = new URL(service);
  } catch {
    url = undefined;
  }
  if (url === undefined || url.hostname === '') {
    throw new StartFailure(
      `Validation failed: ${service} is an invalid address, please make sure it has a scheme and a hostname`,
    );
  }
  if (url.pathname !== '/' && url.pathname !== '') {
    throw new StartFailure(
      `Validation failed: ${service} is an invalid address, ingress rules don't support proxying to a different path on the origin service. The path will be the same as the eyeball request's path`,
    );
  }
  if (url.protocol !== 'http:') {
    return { kind: 'unsupported' };
  }
  // The simulated containers listen on IPv4 only; the name would cost a lookup for each connection.
  const host = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname;
  return { kind: 'http', host, port: url.port === '' ? 80 : Number(url.port) };
}
