import { type Check, compareVersions, fails, isOk, warns } from '../domain/checks.ts';
import { messageOf } from '../errors/berth-error.ts';
import type { Queues } from './queues.ts';

/** The first that BullMQ works with, and the first that it is made for. */
const REDIS_MIN = '5.0';
const REDIS_GOOD = '6.2';
const NEARLY = 0.9;
const WHERE = { id: 'queue.place', title: 'Where the queues are' };

/**
 * Looks at what the queues are on. Without them all works still, by timers.
 * @param readInfo Redis's `INFO`
 */
export async function checkQueue(
  queues: Pick<Queues, 'kind'> | undefined,
  readInfo: () => Promise<string>,
): Promise<Check[]> {
  if (!queues) return [isOk(WHERE, 'switched off (BERTH_QUEUE=off): timers do all the work')];
  if (queues.kind === 'postgres') return [isOk(WHERE, 'in Postgres; REDIS_URL is not set')];
  try {
    return [isOk(WHERE, 'in Redis'), ...judgeRedis(await readInfo())];
  } catch (error) {
    const detail = `${messageOf(error)}: hints are lost, and sites wait for the timers of workers (some seconds)`;
    return [fails({ id: 'redis.answers', title: 'Redis answers' }, detail, 'check that Redis runs, and REDIS_URL')];
  }
}

/** How Redis is, by the text of its `INFO`. */
export function judgeRedis(info: string): Check[] {
  const facts = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]));
  const fact = (name: string) => facts.get(name)?.trim() ?? '';
  return [
    judgeVersion(fact('redis_version')),
    judgeEviction(fact('maxmemory_policy')),
    judgeFiles(fact),
    judgeMemory(fact),
  ];
}

function judgeVersion(version: string): Check {
  const subject = { id: 'redis.version', title: `Redis ${REDIS_GOOD} or later` };
  const fix = `update Redis to ${REDIS_GOOD} or later`;
  if (compareVersions(version, REDIS_MIN) < 0) return fails(subject, `it is ${version || 'of no known version'}`, fix);
  return compareVersions(version, REDIS_GOOD) < 0 ? warns(subject, `it is ${version}`, fix) : isOk(subject, version);
}

function judgeEviction(policy: string): Check {
  const subject = { id: 'redis.eviction', title: 'Redis throws nothing away (noeviction)' };
  if (policy === 'noeviction') return isOk(subject, policy);
  const detail = `maxmemory-policy is ${policy || 'not known'}: parts of queues may vanish when memory is short`;
  return fails(subject, detail, 'set maxmemory-policy noeviction (redis.conf, and CONFIG SET)');
}

function judgeFiles(fact: (name: string) => string): Check {
  const subject = { id: 'redis.persistence', title: 'Redis keeps its queues over a crash' };
  if (fact('aof_enabled') === '1') {
    const isGood = fact('aof_last_write_status') !== 'err';
    if (isGood) return isOk(subject, 'append-only file');
    return fails(subject, 'the append-only file cannot be written', "look at the disk of Redis, and at Redis's log");
  }
  const detail = 'no append-only file: after a crash the last hints are gone, and workers find their rows by timers';
  return warns(subject, detail, 'set appendonly yes');
}

function judgeMemory(fact: (name: string) => string): Check {
  const subject = { id: 'redis.memory', title: 'Redis has memory to give' };
  const [used, most] = [Number(fact('used_memory')), Number(fact('maxmemory'))];
  if (!(most > 0)) return isOk(subject, 'no limit is set');
  const percent = Math.round((used / most) * 100);
  if (used < NEARLY * most) return isOk(subject, `${percent} % of maxmemory is used`);
  return warns(subject, `${percent} % of maxmemory is used; when it is full no hint is taken`, 'raise maxmemory');
}
