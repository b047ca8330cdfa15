import { FOR_EVER, failing, healthy, type Sight } from './sight.ts';

/** What a probe came to: an answer, or none. */
export type Probed =
  | { kind: 'answer'; status: number; latencyMs: number }
  | { kind: 'none'; reason: 'Timeout' | 'Refused' | 'ConnectionLost'; latencyMs: number };

/** A container of a placement as Docker lists it. */
export interface ListedContainer {
  id: string;
  placementId: string;
  /** created, running, paused, restarting, exited, dead */
  state: string;
  /** on 127.0.0.1 */
  ports: readonly number[];
}

/** What Docker knows of one container beyond the list: asked for those only that fail. */
export interface InspectedContainer {
  /** how long it has been running, in milliseconds */
  ranMs: number;
  exitCode: number;
  outOfMemory: boolean;
}

export interface ContainerLook {
  healthPath: string;
  probed: Probed;
  /** undefined: there is none; null: Docker could not be asked */
  listed: ListedContainer | undefined | null;
  inspected: InspectedContainer | undefined;
  startMs: number;
}

const SAYS = {
  Timeout: 'did not answer in time',
  Refused: 'refused the connection',
  ConnectionLost: 'closed the connection without an answer',
} as const;

/** The container among a placement's that is meant: the one that has the port, else one that runs, else any. */
export function chooseContainer(containers: readonly ListedContainer[], port: number): ListedContainer | undefined {
  return (
    containers.find(({ ports }) => ports.includes(port)) ??
    containers.find(({ state }) => state === 'running') ??
    containers[0]
  );
}

/** What a look at a container and its health path says. */
export function seeContainer({ healthPath, probed, listed, inspected, startMs }: ContainerLook): Sight {
  const word = listed?.state ?? null;
  const run = listed?.id ?? null;
  if (listed === undefined) {
    return failing('unreachable', 'ContainerMissing', 'there is no container', { word: 'removed', down: true });
  }
  if (listed && listed.state !== 'running') return notRunning(listed, inspected);
  const { latencyMs } = probed;
  if (probed.kind === 'answer' && probed.status >= 200 && probed.status < 300) {
    return healthy({ code: probed.status, latencyMs, word, run });
  }
  if (listed === null && probed.kind === 'none') {
    return failing('unreachable', 'DockerAway', `Docker cannot be asked, and ${healthPath} ${SAYS[probed.reason]}`, {
      latencyMs,
    });
  }
  // Less than nothing: the machine's clock was set back, and how long it has run isn't known.
  const starting = inspected !== undefined && inspected.ranMs >= 0 && inspected.ranMs < startMs;
  if (probed.kind === 'answer') {
    const error = `${healthPath} answered with HTTP ${probed.status}`;
    return failing('unhealthy', 'BadStatus', error, { code: probed.status, latencyMs, word, run, starting });
  }
  return failing('unreachable', probed.reason, `${healthPath} ${SAYS[probed.reason]}`, {
    latencyMs,
    word,
    run,
    starting,
  });
}

function notRunning({ id, state }: ListedContainer, inspected: InspectedContainer | undefined): Sight {
  const known = { word: state, run: id, down: true };
  const status = inspected ? ` with status ${inspected.exitCode}` : '';
  if (state === 'restarting') {
    const error = `it ended${status}, and Docker starts it again`;
    return failing('unreachable', 'Restarting', error, { ...known, patienceMs: FOR_EVER });
  }
  if (inspected?.outOfMemory) return failing('unreachable', 'OutOfMemory', `it ended${status}: out of memory`, known);
  if (state === 'paused') return failing('unreachable', 'Paused', 'it is paused', known);
  return failing('unreachable', 'NotRunning', `it ended${status}`, known);
}
