/** A refusal as Cloudflare says it: an HTTP status with one code and its message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;
  readonly chain: readonly { code: number; message: string }[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: number,
    message: string,
    more: { chain?: readonly { code: number; message: string }[]; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.chain = more.chain ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** An id or path that leads nowhere. */
export function couldNotRoute(path: string): ApiError {
  return new ApiError(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`, {
    chain: [{ code: 7000, message: 'No route for that URI' }],
  });
}
