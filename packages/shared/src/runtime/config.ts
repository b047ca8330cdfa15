import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseRedisUrl } from '../domain/redis-place.ts';
import { Secret } from './secret.ts';

/** The environment as a process gets it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that are missing or malformed: one line per variable; `main.ts` prints it and exits with 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Parses the settings of a service: all problems at once, by variable name. `NAME_FILE` may stand for any `NAME`;
 * an empty value counts as missing.
 * @throws ConfigError
 */
export function parseConfig<T extends z.ZodType>(schema: T, environment: Environment): z.output<T> {
  const problems: string[] = [];
  const parsed = schema.safeParse(readFiles(environment, namesOf(schema), problems));
  if (parsed.success && problems.length === 0) return parsed.data;
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0] ?? '');
    const missing = issue.code === 'invalid_type' && environment[name] === undefined;
    problems.push(`${name}: ${missing ? 'is required' : issue.message}`);
  }
  throw new ConfigError(problems);
}

/** The variables that a schema knows: `NAME_FILE` of anything else (`SSL_CERT_FILE`) is somebody else's. */
function namesOf(schema: z.ZodType): ReadonlySet<string> {
  return new Set(schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
}

function readFiles(environment: Environment, known: ReadonlySet<string>, problems: string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value.trim() !== '') values[name] = value;
  }
  for (const [name, path] of Object.entries(values)) {
    const stands = name.slice(0, -'_FILE'.length);
    if (!name.endsWith('_FILE') || !known.has(stands) || values[stands] !== undefined) continue;
    try {
      const value = readFileSync(path, 'utf8').trim();
      if (value !== '') values[stands] = value;
    } catch {
      problems.push(`${name}: the file ${path} cannot be read`);
    }
  }
  return values;
}

/** Field schemas that several services use. */
export const setting = {
  secret: () => z.string().transform((value) => new Secret(value)),
  integer: (min: number, max: number) =>
    z
      .string()
      .regex(/^\d+$/, 'must be a whole number')
      .transform(Number)
      .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`),
  hostId: () => z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must match [a-z0-9][a-z0-9-]{0,31}'),
  /** `host:port`, with an IPv6 host in brackets */
  listenAddress: () =>
    z
      .string()
      .regex(/^(?:\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/, 'must be an address and a port, such as 127.0.0.1:9464')
      .transform((text) => {
        const colon = text.lastIndexOf(':');
        return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
      })
      .refine(({ port }) => port <= 65_535, 'the port must be at most 65535'),
  absolutePath: () => z.string().regex(/^\/[\w./-]+$/, 'must be an absolute path of letters, digits, . _ - and /'),
  secretsKey: () =>
    z
      .string()
      .refine(
        (text) => text.split(',').every((key) => Buffer.from(key.trim(), 'base64').length === 32),
        'must be 32 bytes in base64 (openssl rand -base64 32), or several of them separated by commas',
      )
      .transform((value) => new Secret(value)),
  url: (...protocols: string[]) =>
    z.string().refine(
      (text) => {
        try {
          return protocols.includes(new URL(text).protocol);
        } catch {
          return false;
        }
      },
      `must be a URL beginning with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    ),
};

/** The settings that every service shares. */
export const commonSettings = {
  DATABASE_URL: setting
    .url('postgresql:', 'postgres:')
    .transform((value) => new Secret(value))
    .describe('the Postgres database that all services share'),
  DATABASE_WAIT_SECONDS: setting
    .integer(0, 3600)
    .default(60)
    .describe('a database that is away when the process starts is waited for so long, before the process ends with 69'),
  REDIS_URL: z
    .string()
    .superRefine((text, context) => {
      const place = parseRedisUrl(text);
      if (!place.ok) context.addIssue({ code: 'custom', message: place.problem });
    })
    .transform((value) => new Secret(value))
    .optional()
    .describe(
      "where the queues are; in Postgres where it isn't set. `redis://user:password@host:6379/0`, `rediss://` for TLS, `redis-sentinel://host,host/0?master=NAME`, `redis-cluster://host,host`",
    ),
  REDIS_CA_FILE: z
    .string()
    .regex(/^\//, 'must be an absolute path')
    .optional()
    .describe('further root certificates for a Redis with TLS, in PEM'),
  BERTH_SECRETS_KEY: setting
    .secretsKey()
    .describe(
      'encrypts licence keys and tunnel secrets at rest: 32 bytes in base64; several, separated by commas, while one replaces another',
    ),
  BERTH_QUEUE: z.enum(['on', 'off']).default('on').describe('off: no queue at all, timers do all the work'),
  METRICS_ADDRESS: setting
    .listenAddress()
    .optional()
    .describe(
      'where this process serves `/metrics` for Prometheus, `/livez` and `/readyz`, such as 127.0.0.1:9464; nowhere when not set',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('the least that is logged'),
};
