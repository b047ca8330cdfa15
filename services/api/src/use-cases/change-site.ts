import type { DeployRequest } from '@berth/contract/operation';
import { parseDomainName } from '@berth/shared/domain/domain-name';
import type { ImageAllowlist } from '@berth/shared/domain/image-allowlist';
import { parseImageReference } from '@berth/shared/domain/image-reference';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import {
  type Requested,
  type Requester,
  requestConfirmation,
  requestDeletion,
  requestDeploy,
  requestRestart,
} from '@berth/shared/store/request-changes';
import { checkImage } from './check-image.ts';

export interface ChangeSiteDeps {
  db: Database;
  vault: Vault;
  hints: Hints;
  images: ImageAllowlist;
}

/** What can be asked of a site that is there. Each is one transaction; hints follow its commit. @returns the operation's id */
export function makeChangeSite({ db, vault, hints, images }: ChangeSiteDeps) {
  const told = async (request: Promise<Requested>): Promise<string> => {
    const { operationId, hints: to } = await request;
    hints.send(to);
    return operationId;
  };
  return {
    restart: (key: string, target: 'container' | 'tunnel', by: Requester) => told(requestRestart(db, key, target, by)),
    deploy(key: string, wish: DeployRequest, by: Requester) {
      const image = parseImageReference(wish.image);
      if (!image.ok) throw invalid('image', image.problem);
      checkImage(images, image.value);
      const licenseKeyEnc = wish.licenseKey === undefined ? null : vault.encrypt(wish.licenseKey);
      return told(requestDeploy(db, key, { image: image.value, licenseKeyEnc, profile: wish.profile }, by));
    },
    confirm: (key: string, by: Requester) => told(requestConfirmation(db, key, by)),
    remove(key: string, domain: string, by: Requester) {
      const name = parseDomainName(domain);
      if (!name.ok) throw invalid('domain', name.problem);
      return told(requestDeletion(db, key, name.value.ascii, by));
    },
  };
}

export type ChangeSite = ReturnType<typeof makeChangeSite>;

function invalid(field: string, detail: string): BerthError {
  return new BerthError('request.invalid', '1 field is not valid', { fields: [{ pointer: `#/${field}`, detail }] });
}
