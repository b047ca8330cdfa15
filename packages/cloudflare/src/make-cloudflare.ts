import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { Secret } from '@berth/shared/runtime/secret';
import CloudflareSdk, { APIError, APIUserAbortError } from 'cloudflare';
import type { CallBudget, CallKind } from './call-budget.ts';
import { measureFetch } from './measure-fetch.ts';
import { toBerthError } from './to-berth-error.ts';

/** What each request of the SDK is given: no retries of its own, and the caller's signal. */
export interface CallOptions {
  signal: AbortSignal;
  maxRetries: 0;
}

interface Call {
  /** what is being done to which thing, for errors */
  doing: string;
  signal: AbortSignal;
  kind?: CallKind;
}

/** Cloudflare's API for one account. */
export interface Cloudflare {
  readonly accountId: string;
  /**
   * Makes exactly one request.
   * @throws BerthError `cloudflare.*`, with the SDK's error as cause
   */
  call<T>(call: Call, make: (sdk: CloudflareSdk, options: CallOptions) => PromiseLike<T>): Promise<NonNullable<T>>;
}

interface CloudflareOptions {
  apiToken: Secret;
  accountId: string;
  /** default: Cloudflare's own */
  baseUrl?: string | undefined;
  budget: CallBudget;
  clock: Clock;
  metrics: Pick<Metrics, 'cloudflareCalls'>;
  /** from the request's begin to its body's end */
  deadlineMs?: number;
}

/**
 * The real SDK with what it lacks: a deadline that covers the body too, one budget for all processes, and answers that say
 * `success: false` under HTTP 200 taken as failures. It never repeats a request by itself: it would repeat a POST.
 */
export function makeCloudflare(options: CloudflareOptions): Cloudflare {
  const { apiToken, accountId, baseUrl, budget, clock, metrics, deadlineMs = 20_000 } = options;
  const sdk = new CloudflareSdk({
    apiToken: apiToken.reveal(),
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: baseUrl ?? 'https://api.cloudflare.com/client/v4',
    maxRetries: 0,
    timeout: deadlineMs,
    logLevel: 'off',
    fetch: measureFetch(fetchWhole, clock, metrics),
  });
  return {
    accountId,
    async call({ doing, signal, kind = 'foreground' }, make) {
      await budget.take(kind, signal).catch((thrown: unknown) => {
        throw signal.aborted ? toBerthError(new APIUserAbortError(), doing) : thrown;
      });
      try {
        // The SDK listens on the signal for good: one of the call's own goes with the call.
        const result = await make(sdk, { signal: AbortSignal.any([signal]), maxRetries: 0 });
        if (result === null || result === undefined) {
          throw new BerthError('cloudflare.unavailable', `${doing}: answered without a result`);
        }
        return result;
      } catch (thrown) {
        const error = toBerthError(thrown, doing);
        if (isBerthError(error, 'cloudflare.rate-limited') && error.retryAfterMs)
          await budget.block(error.retryAfterMs);
        throw error;
      }
    },
  };
}

/**
 * The answer with its whole body read, which so falls under the SDK's timeout: that ends with what its fetch returns. Under a good status it must be JSON that doesn't say `success: false`: the SDK would make an
 * empty list of anything else, and an empty list is taken for absence.
 * @throws APIError with the codes of what said no, SyntaxError for what isn't JSON
 */
async function fetchWhole(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.ok) {
    const body: unknown = JSON.parse(text);
    if (body === null || typeof body !== 'object') throw new SyntaxError('the answer is no JSON object');
    if ('success' in body && body.success === false) {
      throw APIError.generate(response.status, body, undefined, response.headers);
    }
  }
  const { status, statusText, headers } = response;
  return new Response(text, { status, statusText, headers });
}
