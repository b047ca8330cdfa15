import type { HostChange } from '@berth/contract/host';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import { changeHost } from '@berth/shared/store/change-host';
import type { Database } from '@berth/shared/store/database';
import type { Requester } from '@berth/shared/store/locked-site';
import { findHost, listHosts, readHostParts } from '@berth/shared/store/read-hosts';
import { presentHost, presentHostDetail } from '../presenters/present-host.ts';

/** The hosts, and what an operator wants of them. */
export function makeKeepHosts({ db, hints }: { db: Database; hints: Hints }) {
  async function get(id: string) {
    const host = await findHost(db, id);
    if (!host) throw new BerthError('host.not-found', `there is no host ${id}`);
    return presentHostDetail(host, await readHostParts(db, id));
  }
  return {
    list: async () => (await listHosts(db)).map(presentHost),
    get,
    async change(id: string, { state }: HostChange, { apiKeyId, causeId }: Omit<Requester, 'operationId'>) {
      hints.send(await changeHost(db, id, { state, requestedBy: apiKeyId, causeId }));
      return get(id);
    },
  };
}

export type KeepHosts = ReturnType<typeof makeKeepHosts>;
