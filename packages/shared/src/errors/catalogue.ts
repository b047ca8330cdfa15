/** Whether trying again without a person can help. */
export type Retry = 'later' | 'never';

interface CatalogueEntry {
  /** one short line for a person; the detail is the error's message */
  title: string;
  retry: Retry;
}

/**
 * Every failure that Berth names. The api maps each to an HTTP status, the loop turns each into a condition's reason:
 * `cloudflare.unavailable` is said as `CloudflareUnavailable`.
 */
export const errorCodes = {
  'request.invalid': { title: 'The request is not valid', retry: 'never' },
  'request.malformed': { title: 'The request cannot be read', retry: 'never' },
  'request.too-large': { title: 'The body is too large', retry: 'never' },
  'request.unsupported-media-type': { title: 'The body must be application/json', retry: 'never' },
  'request.not-found': { title: 'There is no such address', retry: 'never' },
  'request.method-not-allowed': { title: 'This address does not take this method', retry: 'never' },
  'auth.required': { title: 'An API key or a session is required', retry: 'never' },
  'auth.forbidden': { title: 'The API key or the role does not allow this', retry: 'never' },
  'auth.foreign-page': { title: 'The request comes from a foreign page', retry: 'never' },
  'auth.second-factor-missing': { title: 'A second factor has to be enrolled first', retry: 'never' },
  'sign-in.failed': { title: 'Signing in did not work', retry: 'never' },
  'sign-in.too-many-tries': { title: 'Too many tries', retry: 'later' },
  'second-factor.enrolled': { title: 'A second factor is enrolled already', retry: 'never' },
  'user.not-found': { title: 'There is no such user', retry: 'never' },
  'user.exists': { title: 'Somebody with this address exists', retry: 'never' },
  'user.last-admin': { title: 'Somebody has to be an admin', retry: 'never' },
  'customer.not-found': { title: 'There is no such customer', retry: 'never' },
  'api-key.not-found': { title: 'There is no such API key', retry: 'never' },
  'condition.not-found': { title: 'The site has no such aspect', retry: 'never' },
  'stream.too-many': { title: 'Too many streams are open', retry: 'later' },
  'retry.too-often': { title: 'It was asked to try again too often', retry: 'later' },
  'restart.too-often': { title: 'The site was restarted too often', retry: 'later' },
  'session.not-found': { title: 'There is no such session', retry: 'never' },
  'idempotency.key-required': { title: 'The Idempotency-Key header is required', retry: 'never' },
  'idempotency.key-reused': { title: 'The idempotency key was used for another body', retry: 'never' },
  'idempotency.in-flight': { title: 'The first request with this key is still under way', retry: 'later' },
  'order.conflict': { title: 'An order with this id and other content exists', retry: 'never' },
  'order.not-found': { title: 'There is no such order', retry: 'never' },
  'domain.in-use': { title: 'The domain belongs to another site', retry: 'never' },
  'domain-check.too-often': { title: 'The domain was checked a moment ago', retry: 'later' },
  'domain.reserved': { title: 'The domain is reserved', retry: 'never' },
  'domain.mismatch': { title: "The domain in the body is not the site's", retry: 'never' },
  'site.not-found': { title: 'There is no such site', retry: 'never' },
  'site.leaving': { title: 'The former site is still leaving', retry: 'later' },
  'site.nothing-to-confirm': { title: 'The site waits for no confirmation', retry: 'never' },
  'host.not-found': { title: 'There is no such host', retry: 'never' },
  'site.part-missing': { title: 'The site does not have this part', retry: 'never' },
  'operation.not-found': { title: 'There is no such operation', retry: 'never' },
  'webhook.not-found': { title: 'There is no such webhook endpoint', retry: 'never' },
  'webhook.address-not-allowed': { title: 'Nothing is sent to such an address', retry: 'later' },
  'webhook.disabled': { title: 'The webhook endpoint is switched off or deleted', retry: 'never' },
  'maintenance.not-found': { title: 'There is no such maintenance window', retry: 'never' },
  'delivery.not-found': { title: 'There is no such delivery', retry: 'never' },
  'port.out-of-range': { title: "The port is outside of the environment's range", retry: 'never' },
  'port.taken': { title: 'The port is taken', retry: 'later' },
  'port.mismatch': { title: 'The site has another port', retry: 'never' },
  'license.required': { title: 'A licence key is required', retry: 'never' },
  'zone.create-forbidden': { title: 'The Cloudflare token may not create zones', retry: 'later' },
  'account.full': { title: 'The Cloudflare account takes no further zones for now', retry: 'later' },
  'zone.elsewhere': { title: 'The zone is held in another Cloudflare account', retry: 'later' },
  'zone.not-in-account': { title: 'The zone is not in the Cloudflare account yet', retry: 'later' },
  'zone.left': { title: 'The zone has left the Cloudflare account', retry: 'later' },
  'domain.not-registered': { title: 'The domain is not registered', retry: 'later' },
  'domain.refused': { title: 'Cloudflare does not accept this domain', retry: 'later' },
  'tunnel.not-found': { title: 'The site has no tunnel yet', retry: 'never' },
  'tunnel.name-taken': { title: 'A tunnel of this name that is not ours exists', retry: 'later' },
  'access.stranger': { title: 'An application of Access that is not ours guards the host name', retry: 'later' },
  'access.quota-reached': { title: 'The Cloudflare account has no room for another application', retry: 'later' },
  'rules.full': { title: 'The plan of the zone has no room for another rule', retry: 'later' },
  'protection.version-required': { title: 'The If-Match header is required', retry: 'never' },
  'protection.changed': { title: 'Somebody else changed the protection meanwhile', retry: 'never' },
  'protection.impossible': { title: 'The protection cannot be had as it is wanted', retry: 'never' },
  'name.delegated': { title: 'The host name is delegated by an NS record', retry: 'later' },
  'image.not-found': { title: 'The image is not in its registry', retry: 'later' },
  'registry.not-found': { title: 'No login of this registry is stored', retry: 'never' },
  'registry.rate-limited': { title: 'The registry asked to slow down', retry: 'later' },
  'registry.unavailable': { title: 'The registry did not answer', retry: 'later' },
  'image.access-denied': { title: 'The registry does not give the image to Berth', retry: 'later' },
  'image.not-allowed': { title: 'Images from there are not allowed', retry: 'later' },
  'image.refused': { title: 'The registry refused the image', retry: 'later' },
  'cloudflare.unavailable': { title: 'Cloudflare did not answer', retry: 'later' },
  'cloudflare.rate-limited': { title: 'Cloudflare asked to slow down', retry: 'later' },
  'cloudflare.unauthorized': { title: 'Cloudflare refused the token', retry: 'later' },
  'cloudflare.refused': { title: 'Cloudflare refused the request', retry: 'later' },
  'disk.full': { title: 'The disk of the host is full', retry: 'later' },
  'docker.unavailable': { title: 'Docker did not answer', retry: 'later' },
  'docker.refused': { title: 'Docker refused the request', retry: 'later' },
  'docker.addresses-lost': { title: 'Docker holds addresses for a network that it does not show', retry: 'later' },
  'docker.addresses-taken': { title: 'Another network in Docker has the addresses', retry: 'later' },
  'docker.stranger': { title: 'Something of this name that is not ours is in Docker', retry: 'later' },
  'systemd.unavailable': { title: 'systemd did not answer', retry: 'later' },
  'systemd.refused': { title: 'systemd refused the request', retry: 'later' },
  'dns.unavailable': { title: 'The name servers did not answer', retry: 'later' },
  'edge.unreachable': { title: "Cloudflare's edge could not be reached", retry: 'later' },
  'host.unprotected': { title: 'The host is not protected from its containers', retry: 'later' },
  'host.files': { title: 'A file of the host could not be read or written', retry: 'later' },
  'lease.lost': { title: 'Another worker has taken over', retry: 'later' },
  'database.newer': { title: 'The database is newer than this build', retry: 'never' },
  'database.migration-failed': { title: 'A migration failed', retry: 'never' },
  'database.migration-edited': { title: 'A migration was edited after it was applied', retry: 'never' },
  'database.unreachable': { title: 'The database did not answer', retry: 'later' },
  'secrets.unreadable': { title: 'A stored secret cannot be read with the key given', retry: 'never' },
  'internal.unexpected': { title: 'Something unexpected went wrong', retry: 'later' },
} as const satisfies Record<string, CatalogueEntry>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errorCodes;

/** The condition reason of a code: `tunnel.name-taken` → `TunnelNameTaken`. */
export function reasonOf(code: ErrorCode): string {
  return code
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
