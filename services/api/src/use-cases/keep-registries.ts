import type { RegistryLogin } from '@berth/contract/registry';
import { parseRegistry } from '@berth/shared/domain/image-name';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import { sealRegistryLogin } from '@berth/shared/runtime/registry-login';
import { Secret } from '@berth/shared/runtime/secret';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import {
  findRegistry,
  listRegistries,
  putRegistry,
  type ReadRegistry,
  removeRegistry,
} from '@berth/shared/store/registries';

interface Deps {
  db: Database;
  vault: Vault;
  hints: Hints;
}

/** The registries whose logins are stored. A login goes in and never comes out again. */
export function makeKeepRegistries({ db, vault, hints }: Deps) {
  const known = (found: ReadRegistry | undefined, name: string): ReadRegistry => {
    if (found) return found;
    throw new BerthError('registry.not-found', `no login is stored for ${name}`);
  };
  return {
    list: () => listRegistries(db),
    async get(name: string) {
      return known(await findRegistry(db, registryOf(name)), name);
    },
    async put(name: string, { username, password }: RegistryLogin, causeId: string) {
      const registry = registryOf(name);
      const loginEnc = sealRegistryLogin(vault, { registry, username, password: new Secret(password) });
      const { stored, hints: to } = await putRegistry(db, { registry, username, loginEnc }, causeId);
      hints.send(to);
      return stored;
    },
    async remove(name: string) {
      return known(await removeRegistry(db, registryOf(name)), name);
    },
  };
}

export type KeepRegistries = ReturnType<typeof makeKeepRegistries>;

/** @throws BerthError `request.invalid` */
function registryOf(name: string): string {
  const registry = parseRegistry(name);
  if (registry.ok) return registry.value;
  throw new BerthError('request.invalid', `the registry in the address ${registry.problem}`);
}
