/** Cloudflare's envelope, as every JSON answer of its API has it. */
export interface Envelope {
  success: boolean;
  errors: { code: number; message: string; error_chain?: { code: number; message: string }[] }[];
  messages: { code: number; message: string }[];
  // Tests look into results of many shapes; what they must look like is what the tests are for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  result: any;
  result_info?: { page: number; per_page: number; count: number; total_count: number; total_pages: number };
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: Envelope;
}

/** Lists that come whole, without pages; that of rulesets has a cursor where it is longer than a zone can make it. */
const WHOLE = /\/(connections|scan\/review|rulesets|logpush\/jobs)$/;

/**
 * Holds one answer against the rules that stand in no schema.
 * @throws Error that names the first rule it breaks
 */
export function assertEnvelope(method: string, path: string, { status, headers, body }: ApiAnswer): void {
  const must = (holds: boolean, rule: string): void => {
    if (!holds) throw new Error(`${method} ${path} → ${status}: ${rule}: ${JSON.stringify(body).slice(0, 500)}`);
  };
  must(body.success === status < 400, 'success agrees with the status');
  must(Array.isArray(body.errors) && Array.isArray(body.messages), 'errors and messages are lists');
  must(body.errors.length > 0 === !body.success, 'errors are named exactly when it failed');
  must(body.success || body.result === null, 'a failure has no result');
  for (const error of [...body.errors, ...body.errors.flatMap((one) => one.error_chain ?? [])]) {
    must(
      Number.isInteger(error.code) && typeof error.message === 'string' && error.message !== '',
      'an error says why',
    );
  }
  must(headers.get('content-type')?.startsWith('application/json') ?? false, 'the answer is JSON');
  must(/^"default";r=\d+;t=\d+$/.test(headers.get('ratelimit') ?? ''), 'Ratelimit is on every answer');
  must(status !== 429 || /^\d+$/.test(headers.get('retry-after') ?? ''), 'a 429 carries Retry-After');
  if (method === 'GET' && Array.isArray(body.result) && !WHOLE.test(path)) assertPage(body, must);
}

function assertPage({ result, result_info: info }: Envelope, must: (holds: boolean, rule: string) => void): void {
  must(info !== undefined, 'a list carries result_info');
  if (!info) return;
  must(info.count === result.length && info.count <= info.per_page, 'count is that of the page');
  must(info.total_pages === Math.ceil(info.total_count / info.per_page), 'total_pages follows from total_count');
  must(info.page <= info.total_pages || info.count === 0, 'a page past the end is empty');
}
