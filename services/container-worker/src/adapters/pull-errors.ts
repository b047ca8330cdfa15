import { readImageName } from '@berth/shared/domain/image-name';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { ErrorCode } from '@berth/shared/errors/catalogue';
import type { RegistryLogin } from '@berth/shared/runtime/registry-login';
import { statusOf } from './docker-errors.ts';

/** As long as Docker Hub makes wait at least; no registry's `Retry-After` gets through the Engine. */
const RATE_LIMITED_MS = 5 * 60_000;

/**
 * What the Engine's words about a failed pull mean, the first that fits. Words must decide here: whatever the registry answered, the
 * Engine's own status is 500 or 404, or 200 once it has begun to report (measured with dockerd 20.10.24). It prints the registry's error
 * code by the distribution specification, in lower case; newer ones print the registry's status.
 */
const MEANINGS: readonly [pattern: RegExp, code: ErrorCode][] = [
  [/toomanyrequests|\bhttp (?:status: )?429\b|\b429 too many requests/, 'registry.rate-limited'],
  [/no space left on device/, 'disk.full'],
  [
    /\bunauthorized\b|(?<!permission )\bdenied\b|no basic auth credentials|authentication required|authorization failed|insufficient_scope|\bhttp (?:status: )?40[13]\b|\b403 forbidden/,
    'image.access-denied',
  ],
  [/manifest unknown|name unknown|manifest for .*not found|repository .*not found|: not found$/, 'image.not-found'],
  [
    /dial tcp|no such host|i\/o timeout|timeout|deadline exceeded|connection (?:refused|reset)|unreachable|\beof\b|http (?:status: )?5\d\d\b/,
    'registry.unavailable',
  ],
];

/**
 * The failure of a pull, in words that say what to do; never with a login in them, nor the registry's words, which stay in the cause.
 * @param error what `guarded` threw, or an error that the Engine reported in the middle
 */
export function toPullError(reference: string, login: RegistryLogin | undefined, error: unknown): BerthError {
  const cause = withoutSecrets(error, login);
  const code = codeOf(reference, cause.message) ?? (statusOf(error) === 404 ? 'image.not-found' : 'image.refused');
  const { registry } = readImageName(reference);
  const message = `pulling image ${reference}: ${adviceOn(code, registry, login !== undefined)}`;
  return new BerthError(code, message, {
    cause,
    ...(code === 'registry.rate-limited' && { retryAfterMs: RATE_LIMITED_MS }),
  });
}

function codeOf(reference: string, text: string): ErrorCode | undefined {
  // A name such as `denied/eof:1` must not be taken for the registry's words.
  const { repository, tag } = readImageName(reference);
  const names = [repository, repository.replace(/^library\//, ''), tag].filter((name) => name !== undefined);
  const words = names.reduce((left, name) => left.replaceAll(name, '…'), text).toLowerCase();
  return MEANINGS.find(([pattern]) => pattern.test(words))?.[1];
}

function adviceOn(code: ErrorCode, registry: string, hasLogin: boolean): string {
  switch (code) {
    case 'registry.rate-limited':
      return `${registry} asked to slow down${hasLogin ? '' : `; a login gives more: PUT /v1/registries/${registry}`}`;
    case 'image.access-denied':
      return hasLogin
        ? `${registry} does not give it to the login stored for it; store the right one with PUT /v1/registries/${registry}`
        : `${registry} has no such image, or wants a login: PUT /v1/registries/${registry}`;
    case 'image.not-found':
      return `${registry} does not have it`;
    case 'registry.unavailable':
      return `${registry} did not answer`;
    case 'disk.full':
      return "no space is left on the disk of this host's Docker";
    default:
      return `${registry} or Docker refused it; the log has the whole of it`;
  }
}

/** The original error without anything of the login, should a registry repeat it. */
function withoutSecrets(error: unknown, login: RegistryLogin | undefined): Error {
  const original = error instanceof BerthError && error.cause instanceof Error ? error.cause : error;
  const text = original instanceof Error ? original.message : String(original);
  const password = login?.password.reveal() ?? '';
  const secrets = [password, Buffer.from(`${login?.username}:${password}`).toString('base64')];
  const clean = secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '[redacted]')), text);
  const statusCode = statusOf(error);
  return Object.assign(new Error(clean), statusCode !== undefined && { statusCode });
}
