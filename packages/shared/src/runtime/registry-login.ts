import { BerthError } from '../errors/berth-error.ts';
import { Secret } from './secret.ts';
import type { Vault } from './vault.ts';

/** Who may pull from a registry. */
export interface RegistryLogin {
  registry: string;
  username: string;
  password: Secret;
}

/** Seals a login together with its registry's name, so that the row of one registry is of no use in that of another. */
export function sealRegistryLogin(vault: Vault, { registry, username, password }: RegistryLogin): string {
  return vault.encrypt(JSON.stringify({ registry, username, password: password.reveal() }));
}

/** @throws BerthError `secrets.unreadable` when it was sealed with another key or for another registry */
export function openRegistryLogin(vault: Vault, registry: string, sealed: string): RegistryLogin {
  const opened: { registry: string; username: string; password: string } = JSON.parse(vault.decrypt(sealed).reveal());
  if (opened.registry !== registry) {
    throw new BerthError('secrets.unreadable', `the login stored for ${registry} was sealed for another registry`);
  }
  return { registry, username: opened.username, password: new Secret(opened.password) };
}
