/**
 * The names of what Berth makes, all from the site's key and kept exactly as in the seed document.
 * A key is the customer's external id, or `<external id>.<n>`: both are safe in file, unit, container and tunnel names.
 */

const KEY = /^[a-z0-9][a-z0-9_-]{0,39}(\.[1-9][0-9]{0,5})?$/;

/** Whether `text` can be a customer's external id, which is the key of the customer's first site. */
export function isCustomerId(text: string): boolean {
  return KEY.test(text) && !text.includes('.');
}

/** Whether `text` can be a site's key. */
export function isSiteKey(text: string): boolean {
  return KEY.test(text);
}

function checked(key: string): string {
  if (!isSiteKey(key)) throw new Error(`not a site key: ${JSON.stringify(key)}`);
  return key;
}

/** `customer-<key>`: the tunnel, the container and the network of a site. */
export function customerName(key: string): string {
  return `customer-${checked(key)}`;
}

/** The systemd unit of a site's connector. */
export function unitName(key: string): string {
  return `cloudflared-customer-${checked(key)}.service`;
}

/** The key of the site whose connector's unit has that name; undefined where it's none of ours. */
export function siteKeyOfUnit(unit: string): string | undefined {
  const [, key] = /^cloudflared-customer-(.+)\.service$/.exec(unit) ?? [];
  return key !== undefined && isSiteKey(key) ? key : undefined;
}

/** The drop-in folder that systemd applies to the connector units of all sites. */
export const unitDropInDir = 'cloudflared-customer-.service.d';

/** File names in `TUNNEL_CONFIG_DIR`: the configuration, and the credentials (the content of `<tunnel-id>.json`). */
export function configFileName(key: string): string {
  return `customer-${checked(key)}.yml`;
}
export function credentialsFileName(key: string): string {
  return `customer-${checked(key)}.json`;
}

/** What a tunnel's DNS records point to. */
export function tunnelTarget(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** The port inside of a customer's container (seed: `-p "${CUSTOMER_PORT}:3000"`). */
export const CONTAINER_PORT = 3000;

/** The key of a customer's `ordinal`-th site: the external id itself for the first, `<external id>.<n>` after that. */
export function siteKey(externalId: string, ordinal: number): string {
  return checked(ordinal === 1 ? externalId : `${externalId}.${ordinal}`);
}
