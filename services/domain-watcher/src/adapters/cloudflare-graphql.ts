import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { BerthError } from '@berth/shared/errors/berth-error';
import { z } from 'zod';

/** As long as Cloudflare counts queries. */
const QUOTA_MS = 300_000;

const errorsSchema = z.object({
  data: z.unknown(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).nullish() }))
    .nullish(),
});

interface GraphQuery {
  /** what is being done to which thing, for errors */
  doing: string;
  query: string;
  variables: Record<string, unknown>;
  signal: AbortSignal;
}

/** What a query gave. */
export type GraphAnswer<T> =
  | { kind: 'read'; data: T }
  /** at least one of the zones has a plan that doesn't give this */
  | { kind: 'not-given' }
  /** it was asked for longer ago, or for more at once, than the plan of one of the zones gives */
  | { kind: 'too-far' };

/**
 * Asks Cloudflare's GraphQL API, which answers 200 whatever went wrong.
 * @throws BerthError `cloudflare.rate-limited` when the quota of queries is used up, else `cloudflare.*`
 */
export async function askGraph<T>(
  cloudflare: Cloudflare,
  { doing, query, variables, signal }: GraphQuery,
  schema: z.ZodType<T>,
): Promise<GraphAnswer<T>> {
  const body = { query, variables };
  const raw = await cloudflare.call({ doing, signal, kind: 'background' }, (sdk, options) =>
    sdk.post<unknown>('/graphql', { body, ...options }),
  );
  const { errors, data } = parsed(doing, errorsSchema, raw);
  if (errors && errors.length > 0) {
    return judge(
      doing,
      errors.map((one) => one.extensions?.code ?? ''),
    );
  }
  return { kind: 'read', data: parsed(doing, schema, data) };
}

function parsed<T>(doing: string, schema: z.ZodType<T>, raw: unknown): T {
  const { success, data, error } = schema.safeParse(raw);
  if (!success)
    throw new BerthError('cloudflare.unavailable', `${doing}: an answer of another shape`, { cause: error });
  return data;
}

function judge(doing: string, codes: readonly string[]): { kind: 'not-given' | 'too-far' } {
  if (codes.includes('authz')) return { kind: 'not-given' };
  if (codes.some((code) => code === 'budget' || code === 'rate_limiter')) {
    throw new BerthError('cloudflare.rate-limited', `${doing}: the quota of queries is used up`, {
      retryAfterMs: QUOTA_MS,
    });
  }
  if (codes.includes('quota')) return { kind: 'too-far' };
  throw new BerthError('cloudflare.refused', `${doing}: ${codes.join(', ') || 'refused'}`, { cause: codes });
}
