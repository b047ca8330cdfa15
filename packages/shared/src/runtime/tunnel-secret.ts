import type { Chance } from './chance.ts';
import type { Vault } from './vault.ts';

/** A new secret for a tunnel (Cloudflare wants 32 bytes in base64), encrypted as it's stored. */
export function newTunnelSecret(vault: Vault, chance: Chance): string {
  return vault.encrypt(chance.bytes(32).toString('base64'));
}
