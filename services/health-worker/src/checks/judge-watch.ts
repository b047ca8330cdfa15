import { type Check, fails, isOk, judgeClock, warns } from '@berth/shared/domain/checks';

/** What is there of what looking after a host needs. */
export interface WatchFacts {
  /** why Docker doesn't list its containers; undefined when it does */
  dockerAway: string | undefined;
  /** whether Docker tells of its containers as it happens */
  followsEvents: boolean;
  /** why systemd doesn't list its units; undefined when it does */
  systemdAway: string | undefined;
  /** ports of 127.0.0.1 that Docker publishes for running containers, and those of them that take no connection */
  ports: { published: number; silent: readonly number[] };
  /** of the host's sweeps; undefined while there was none */
  sweep: { lateSeconds: number; error: string | null } | undefined;
  clockSkewMs: number;
}

const LATE_SECONDS = 60;
const SHOWN = 10;

/** How a host is, as far as looking after it needs it. */
export function judgeWatch(facts: WatchFacts): Check[] {
  return [
    judgeDocker(facts.dockerAway),
    judgeEvents(facts),
    judgeSystemd(facts.systemdAway),
    judgePorts(facts.ports),
    judgeSweep(facts.sweep),
    judgeClock({ id: 'host.clock', title: 'Clock' }, facts.clockSkewMs),
  ];
}

function judgeDocker(away: string | undefined): Check {
  const subject = { id: 'health.docker', title: 'Docker says how containers are' };
  if (away === undefined) return isOk(subject, 'it lists them');
  return fails(
    subject,
    `${away}: no container is looked after`,
    'systemctl status docker, and DOCKER_HOST of the health-worker; its user must be of the group docker',
  );
}

function judgeEvents({ followsEvents, dockerAway }: WatchFacts): Check {
  const subject = { id: 'health.events', title: 'Docker tells of containers that end' };
  if (followsEvents) return isOk(subject, 'they are followed');
  const detail = 'they are not followed: what ends is found by the next sweep only';
  if (dockerAway !== undefined) return warns(subject, detail, 'mend that Docker answers');
  return warns(
    subject,
    detail,
    'docker events --filter label=berth.placement must go on; read the log of the health-worker',
  );
}

function judgeSystemd(away: string | undefined): Check {
  const subject = { id: 'health.systemd', title: 'systemd says how tunnels are' };
  if (away === undefined) return isOk(subject, 'it lists their units');
  const fix =
    'check SYSTEMCTL_PATH, and that the worker reaches the host’s systemd (root by /run/systemd; others by /run/dbus, as a user that getent knows)';
  return fails(subject, `${away}: no tunnel is looked after`, fix);
}

function judgePorts({ published, silent }: WatchFacts['ports']): Check {
  const subject = { id: 'health.ports', title: "Containers' ports are reached" };
  if (published === 0) return isOk(subject, 'no container publishes any yet');
  if (silent.length === 0) return isOk(subject, `${published} take connections`);
  const shown =
    silent.slice(0, SHOWN).join(', ') + (silent.length > SHOWN ? `, and ${silent.length - SHOWN} more` : '');
  if (silent.length === published) {
    const fix = "run the health-worker in the host's own network (Compose: network_mode: host)";
    return fails(subject, `none of 127.0.0.1 takes a connection (${shown}): every site would count as down`, fix);
  }
  return warns(
    subject,
    `${shown} of 127.0.0.1 take no connection`,
    "systemctl restart docker brings its ports' carriers back",
  );
}

function judgeSweep(sweep: WatchFacts['sweep']): Check {
  const subject = { id: 'health.sweeps', title: 'The host is looked at again and again' };
  if (!sweep) return isOk(subject, 'the first look has not come yet');
  const fix = 'read the log of the health-worker';
  if (sweep.lateSeconds > LATE_SECONDS)
    return fails(subject, `a look is late by ${Math.round(sweep.lateSeconds)} s`, fix);
  if (sweep.error !== null) return fails(subject, `the last look failed: ${sweep.error}`, fix);
  return isOk(subject, 'in time');
}
