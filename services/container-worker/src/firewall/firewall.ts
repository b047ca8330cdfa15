import { BerthError } from '@berth/shared/errors/berth-error';
import { type AllowedEgress, type Firewall, ipv4Firewall, ipv6Firewall } from './firewall-rules.ts';
import type { Family, Iptables } from './iptables.ts';
import { planFirewall, planTeardown } from './plan-firewall.ts';

interface FirewallSettings {
  /** all containers' networks */
  pool: string;
  allowed: readonly AllowedEgress[];
}

/** What keeps this host's containers from the host, from each other and from private networks. */
export interface HostFirewall {
  /** Installs what is missing of it and repairs what was changed. @returns whether anything was @throws BerthError `host.unprotected` */
  ensure(signal?: AbortSignal): Promise<boolean>;
  /** Takes all of it away. @returns whether anything was there */
  remove(): Promise<boolean>;
}

const TRIES = 8;

/** The firewall by Berth's own chains. */
export function makeFirewall(iptables: Iptables, { pool, allowed }: FirewallSettings): HostFirewall {
  const wanted: Readonly<Record<Family, Firewall>> = { ipv4: ipv4Firewall(pool, allowed), ipv6: ipv6Firewall };

  /** Who writes at the same moment (another worker, dockerd) can get in between a look and what follows from it. */
  async function ensureFamily(family: Family, signal: AbortSignal | undefined): Promise<boolean> {
    let failure: unknown;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const missing = planFirewall(wanted[family], await iptables.list(family, signal));
      if (missing === undefined) return tries > 0;
      failure = await iptables.restore(family, missing, signal).catch((error: unknown) => error);
      signal?.throwIfAborted();
    }
    throw failure ?? new BerthError('host.unprotected', `the ${family} rules that were written are not there`);
  }

  return {
    async ensure(signal) {
      let changed = false;
      for (const family of iptables.families()) changed = (await ensureFamily(family, signal)) || changed;
      return changed;
    },
    async remove() {
      let changed = false;
      for (const family of iptables.families()) {
        const lines = planTeardown(wanted[family], await iptables.list(family));
        if (lines === undefined) continue;
        await iptables.restore(family, lines);
        changed = true;
      }
      return changed;
    },
  };
}
