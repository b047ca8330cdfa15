interface Refusal {
  code: number;
  message: string;
}

/** A refusal as Cloudflare says it: an HTTP status with a code and its message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;
  /** what lies below it, as `error_chain` */
  readonly chain: readonly Refusal[];
  /** what is said beside it, as further errors */
  readonly beside: readonly Refusal[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: number,
    message: string,
    more: { chain?: readonly Refusal[]; beside?: readonly Refusal[]; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.chain = more.chain ?? [];
    this.beside = more.beside ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** An id that can't be one (400), or a path that leads nowhere (404). */
export function couldNotRoute(path: string, status: 400 | 404): ApiError {
  return new ApiError(status, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`, {
    beside: [{ code: 7000, message: 'No route for that URI' }],
  });
}
