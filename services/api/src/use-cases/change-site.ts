import type { DeployRequest } from '@berth/contract/operation';
import type { TunnelRequest } from '@berth/contract/tunnel-request';
import { parseDomainName } from '@berth/shared/domain/domain-name';
import type { ImageAllowlist } from '@berth/shared/domain/image-allowlist';
import { parseImageReference } from '@berth/shared/domain/image-reference';
import type { Parsed } from '@berth/shared/domain/parsed';
import { BerthError } from '@berth/shared/errors/berth-error';
import { type Chance, newSlug } from '@berth/shared/runtime/chance';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import type { Requested, Requester } from '@berth/shared/store/locked-site';
import { requestConfirmation, requestDeletion, requestRestart } from '@berth/shared/store/request-changes';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { requestRetry } from '@berth/shared/store/request-retry';
import { requestTunnel, requestTunnelEnd } from '@berth/shared/store/request-tunnel';
import { checkImage } from './check-image.ts';
import { type PortRange, toWishedPort } from './wished-port.ts';

export interface ChangeSiteDeps {
  db: Database;
  vault: Vault;
  hints: Hints;
  chance: Chance;
  /** domains that no site may have, in ASCII */
  reserved: () => ReadonlySet<string>;
  customerPorts: PortRange;
  images: ImageAllowlist;
}

/** What can be asked of a site. Each is one transaction; hints follow its commit. @returns the operation's id */
export function makeChangeSite({ db, vault, hints, chance, reserved, customerPorts, images }: ChangeSiteDeps) {
  const told = async (request: Promise<Requested>): Promise<string> => {
    const { operationId, hints: to } = await request;
    hints.send(to);
    return operationId;
  };
  return {
    restart: (key: string, target: 'container' | 'tunnel', by: Requester) => told(requestRestart(db, key, target, by)),
    async retry(key: string, aspect: string, by: Pick<Requester, 'causeId'>): Promise<void> {
      hints.send(await requestRetry(db, key, aspect, by));
    },
    deploy(key: string, wish: DeployRequest, by: Requester) {
      const image = read('#/image', parseImageReference(wish.image));
      checkImage(images, image);
      const port = toWishedPort(customerPorts, wish.port);
      const licenseKeyEnc = wish.licenseKey === undefined ? null : vault.encrypt(wish.licenseKey);
      const makeAs = wish.create ? newSlug(chance) : undefined;
      return told(requestDeploy(db, key, { image, licenseKeyEnc, profile: wish.profile, port, makeAs }, by));
    },
    wantTunnel(key: string, { domain, port, existingZone }: TunnelRequest, by: Requester) {
      const name = read('#/domain', parseDomainName(domain));
      if (reserved().has(name.ascii)) throw new BerthError('domain.reserved', `${name.ascii} is reserved`);
      const wish = {
        domain: name.ascii,
        domainUnicode: name.unicode,
        existingZone,
        port: toWishedPort(customerPorts, port),
        slug: newSlug(chance),
      };
      return told(requestTunnel(db, key, wish, by));
    },
    dropTunnel: (key: string, domain: string, by: Requester) =>
      told(requestTunnelEnd(db, key, read('#/domain', parseDomainName(domain)).ascii, by)),
    confirm: (key: string, by: Requester) => told(requestConfirmation(db, key, by)),
    remove(key: string, domain: string | null, by: Requester) {
      const name = domain === null ? null : read('#/domain', parseDomainName(domain)).ascii;
      return told(requestDeletion(db, key, name, by));
    },
  };
}

export type ChangeSite = ReturnType<typeof makeChangeSite>;

function read<T>(pointer: string, result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw new BerthError('request.invalid', '1 field is not valid', { fields: [{ pointer, detail: result.problem }] });
}
