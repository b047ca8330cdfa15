import { type Check, compareVersions, fails, isOk, judgeClock, warns } from '@berth/shared/domain/checks';

/** What is there of what connectors need. */
export interface ConnectorFacts {
  /** undefined when systemd doesn't answer */
  systemd: string | undefined;
  /** undefined where the worker doesn't see the program */
  cloudflared: string | undefined;
  /** it has a root of its own, in which the host's programs aren't */
  inContainer: boolean;
  /** folders that must be written to, and why that fails */
  unwritable: readonly { setting: string; dir: string; why: string }[];
  clockSkewMs: number;
  now: Date;
}

/** `ProtectProc`, by which a connector doesn't see the host's other processes, came with 247. */
const SYSTEMD_MIN = '247';
/** Metrics at a given address, `/ready` with the connections and `/config` as Berth reads them. */
const CLOUDFLARED_MIN = '2023.1.0';
const DAY_MS = 86_400_000;

/** How a host is, as far as connectors need it. */
export function judgeConnectors(facts: ConnectorFacts): Check[] {
  return [
    judgeSystemd(facts.systemd),
    judgeCloudflared(facts),
    judgeFolders(facts.unwritable),
    judgeClock({ id: 'host.clock', title: 'Clock' }, facts.clockSkewMs),
  ];
}

function judgeSystemd(version: string | undefined): Check {
  const subject = { id: 'systemd.version', title: `systemd ${SYSTEMD_MIN} or later` };
  if (version === undefined) {
    const fix = 'check SYSTEMCTL_PATH, and that the worker reaches the host’s systemd (/run/systemd)';
    return fails(subject, 'systemd does not answer: no connector of this host can be started or stopped', fix);
  }
  if (compareVersions(version, SYSTEMD_MIN) >= 0) return isOk(subject, version);
  const detail = `it is ${version}, which has no ProtectProc: connectors would see all processes of the host`;
  return fails(subject, detail, `use a distribution with systemd ${SYSTEMD_MIN} or later (Debian 11)`);
}

/** Versions are dates; Cloudflare supports each for a year. */
function judgeCloudflared({ cloudflared: version, inContainer, now }: ConnectorFacts): Check {
  const subject = { id: 'cloudflared.version', title: `cloudflared ${CLOUDFLARED_MIN} or later` };
  if (version === undefined && inContainer) {
    return isOk(
      subject,
      'cannot be seen from the container of the worker; a site whose connector does not start says so',
    );
  }
  if (version === undefined) {
    const fix = 'on the host: cloudflared --version, at CLOUDFLARED_PATH';
    return warns(subject, 'not there: no connector starts', fix);
  }
  const fix = 'update cloudflared on this host; running connectors take it with their next restart';
  if (compareVersions(version, CLOUDFLARED_MIN) < 0) return fails(subject, `it is ${version}`, fix);
  const [year = 0, month = 1] = version.split('.').map(Number);
  const ageDays = (now.getTime() - Date.UTC(year, month - 1)) / DAY_MS;
  if (ageDays > 396) return warns(subject, `${version}: Cloudflare supports a version for a year`, fix);
  return isOk(subject, version);
}

function judgeFolders(unwritable: ConnectorFacts['unwritable']): Check {
  const subject = { id: 'connectors.folders', title: 'Folders of units and configurations can be written' };
  if (unwritable.length === 0) return isOk(subject, 'they can');
  const list = unwritable.map(({ setting, dir, why }) => `${dir} (${setting}): ${why}`);
  return fails(subject, list.join('; '), 'make the folder, and let the worker write there (it runs as root)');
}
