import type { Operation, OperationStep } from '@berth/contract/operation';
import type { Aspect } from '@berth/shared/domain/aspects';
import { assertNever } from '@berth/shared/domain/assert-never';
import { partOf } from '@berth/shared/domain/parts';
import type { QueuePlace } from '@berth/shared/store/queue-places';
import type { ReadOperation } from '@berth/shared/store/read-operations';
import type { ReadCondition, ReadSite } from '@berth/shared/store/read-sites';
import { isShown, isWaitingForPerson } from './site-state.ts';

/** An operation with its steps, computed from the site's conditions. @param places those of its conditions whose time has come */
export function presentOperation(operation: ReadOperation, site: ReadSite, places: readonly QueuePlace[]): Operation {
  const status = statusOf(operation);
  // What is left on a host that the site has gone from holds up its deletion, and nothing else.
  const counting = site.conditions.filter((one) => operation.kind === 'delete' || one.placementWanted !== 'gone');
  const steps = counting.filter((one) => concerns(operation, site, one)).map(toStep(operation, places));
  return {
    id: operation.id,
    kind: operation.kind,
    target: operation.target,
    site: operation.siteKey,
    status,
    done: status !== 'running',
    waitingFor: status === 'running' ? (steps.find((step) => step.status === 'waiting')?.message ?? null) : null,
    steps,
    createdAt: operation.createdAt,
    url: `/v1/operations/${operation.id}`,
  };
}

function statusOf(operation: ReadOperation): Operation['status'] {
  const leaving = operation.wanted === 'deleted';
  switch (operation.kind) {
    case 'order':
      return operation.wasLive ? 'succeeded' : leaving ? 'canceled' : 'running';
    case 'delete':
      return operation.isGone ? 'succeeded' : 'running';
    case 'confirm':
      return operation.zoneReady ? 'succeeded' : leaving ? 'canceled' : 'running';
    case 'restart':
      return operation.restarted ? 'succeeded' : leaving ? 'canceled' : 'running';
    case 'create-tunnel':
      return operation.tunnelReached && operation.wantsTunnel
        ? 'succeeded'
        : leaving || !operation.wantsTunnel
          ? 'canceled'
          : 'running';
    case 'delete-tunnel':
      // A tunnel is wanted again only after the former one was gone.
      return operation.tunnelGone || (operation.wantsTunnel && !leaving) ? 'succeeded' : 'running';
    case 'deploy':
      return ofRelease(operation.releaseOutcome, leaving);
    default:
      return assertNever(operation.kind);
  }
}

function ofRelease(outcome: string | null, leaving: boolean): Operation['status'] {
  if (outcome === 'failed') return 'failed';
  if (outcome === 'running') return 'succeeded';
  return outcome === 'superseded' || leaving ? 'canceled' : 'running';
}

const CONCERNED: Readonly<Record<string, readonly string[]>> = {
  deploy: ['placement', 'container'],
  confirm: ['zone'],
};

function concerns({ kind, target }: ReadOperation, site: ReadSite, condition: ReadCondition): boolean {
  const { aspect } = condition;
  if (kind === 'restart') return aspect === (target === 'tunnel' ? 'connector' : 'container');
  if (kind === 'delete-tunnel') return isOfTunnel(aspect) || site.wanted === 'deleted';
  if (kind === 'create-tunnel' && !isOfTunnel(aspect)) return aspect === 'placement';
  return isShown(site)(condition) && (CONCERNED[kind]?.includes(aspect) ?? true);
}

const isOfTunnel = (aspect: string) => partOf[aspect as Aspect] === 'tunnel';

/** A worker takes what is due at once, unless it is busy; so long it may take. */
const SOON_SECONDS = 10;

/** Where something is queued, and what it waits for there. */
export function presentPlace({ name, ahead, waitedSeconds, isHeld, isServed }: QueuePlace): OperationStep['queue'] {
  const isNext = ahead === 0 && waitedSeconds < SOON_SECONDS;
  const isLeft = !isServed && waitedSeconds >= SOON_SECONDS;
  const cause = isHeld ? 'in-work' : isNext ? 'next' : isLeft ? 'nobody-works' : 'others-first';
  return { name, ahead, waitedSeconds: Math.max(0, waitedSeconds), cause };
}

function toStep({ kind }: ReadOperation, places: readonly QueuePlace[]) {
  return (one: ReadSite['conditions'][number]): OperationStep => {
    const done = kind === 'delete' || kind === 'delete-tunnel' ? one.gone : one.status === 'true';
    const waiting = !done && isWaitingForPerson(one.reason);
    const place = places.find(({ aspect, host }) => aspect === one.aspect && host === one.host);
    const pending = one.observedAt === null || one.reason === 'Waiting';
    return {
      aspect: one.aspect,
      status: done ? 'done' : waiting ? 'waiting' : pending ? 'pending' : 'running',
      reason: one.reason,
      message: one.message,
      since: one.since,
      tries: one.tries,
      queue: place ? presentPlace(place) : null,
    };
  };
}
