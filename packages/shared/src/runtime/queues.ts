import { createPostgresBackend, Queue, runMigrations, Worker, withBackend } from 'bullmq';
import pg from 'pg';
import { type JobName, NOTIFY_QUEUE } from '../contracts/jobs.ts';
import { parseRedisUrl } from '../domain/redis-place.ts';
import { messageOf } from '../errors/berth-error.ts';
import type { Log } from './log.ts';
import { toRedisConnection } from './redis-connection.ts';
import type { Secret } from './secret.ts';
import { queueTelemetry } from './tracing.ts';

/** What the dashboard and the metrics need of a queue, whichever backend it has. */
export type AnyQueue = Pick<Queue, 'name' | 'getJobCounts' | 'close'>;

/** Takes no further hints; those under way are waited for. */
export type StopServing = () => Promise<void>;

/** One process's queues: hints out, hints in. Truth is in Postgres; losing all of this loses nothing. */
export interface Queues {
  readonly kind: 'redis' | 'postgres';
  /** Adds a hint for each condition. @throws when the queue can't be reached in time */
  hint(queue: string, conditionIds: readonly string[]): Promise<void>;
  /** Takes hints from a queue. @param run what to do with a condition's id, told the job's for the log; throwing marks the job as failed */
  serve(
    queue: string,
    concurrency: number,
    run: (conditionId: string, jobId?: string) => Promise<void>,
  ): Promise<StopServing>;
  /** Has a hint at a host's sweep made again and again, unless that's arranged already: so what was lost is put back. */
  scheduleSweeps(queue: string, schedule: SweepSchedule): Promise<void>;
  /** Takes those hints. @returns what `run` does with it is shown with the job */
  serveSweeps(queue: string, run: () => Promise<unknown>): Promise<StopServing>;
  /** A queue by name, for the dashboard; opened on first use. */
  open(queue: string): Queue;
  /** Ends all of it, soon, whatever is under way or unreachable; nothing can be sent after it. */
  close(): Promise<void>;
}

/** When a host's sweeps are hinted at. */
export interface SweepSchedule {
  hostId: string;
  everyMs: number;
  /** the first one, in milliseconds since 1970 */
  startMs: number;
}

interface QueuesOptions {
  /** where it is set the queues are in Redis */
  redisUrl?: Secret | undefined;
  /** further root certificates for it, in PEM */
  redisCaFile?: string | undefined;
  databaseUrl: Secret;
  log: Log;
  /** set apart installations (and tests) that share a Redis */
  prefix?: string;
  /** connections to Postgres at most: each served queue keeps one for listening */
  maxConnections?: number;
}

const HINT: JobName = 'condition.reconcile';
const SWEEP: JobName = 'host.sweep';
const NEWS: JobName = 'news.tell';
const HINT_TIMEOUT_MS = 2000;
const CLOSE_MS = 1000;
const JOB_OPTIONS = { removeOnComplete: { age: 3600 }, removeOnFail: { age: 604_800 }, attempts: 1 } as const;
const WORKER_OPTIONS = { runRetryDelay: 1000, lockDuration: 30_000, stalledInterval: 5000 } as const;

type QueueClass = new (name: string, options: Record<string, unknown>) => Queue;
type WorkerClass = new (
  name: string,
  processor: (job: { id?: string; data: { conditionId?: string; about?: string } }) => Promise<unknown>,
  options: Record<string, unknown>,
) => Worker;

interface Backend {
  kind: 'redis' | 'postgres';
  Queue: QueueClass;
  Worker: WorkerClass;
  /** for queues: fails fast, so that a hint never holds up its sender */
  sending: Record<string, unknown>;
  /** for workers: waits for the backend to come back */
  taking: Record<string, unknown>;
  end(): Promise<void>;
}

/** Opens the queues: BullMQ on Redis where a URL is given, on Postgres where not; the same options everywhere. */
export async function openQueues(options: QueuesOptions): Promise<Queues> {
  const backend = options.redisUrl ? redisBackend(options.redisUrl, options) : await postgresBackend(options);
  const { log } = options;
  const open = new Map<string, Queue>();
  const taking: Worker[] = [];
  let closed = false;
  const complain = (queue: string) => (error: Error) =>
    log.debug({ queue, err: messageOf(error) }, 'queue unreachable');

  function queueNamed(name: string): Queue {
    if (closed) throw new Error(`queue ${name} was asked for after the queues were closed`);
    let queue = open.get(name);
    if (!queue) {
      queue = new backend.Queue(name, { ...backend.sending, ...queueTelemetry(), defaultJobOptions: JOB_OPTIONS });
      queue.on('error', complain(name));
      open.set(name, queue);
    }
    return queue;
  }

  function take(name: string, concurrency: number, run: ConstructorParameters<WorkerClass>[1]): StopServing {
    const options = { ...backend.taking, ...queueTelemetry(), ...WORKER_OPTIONS, concurrency };
    const worker = new backend.Worker(name, run, options);
    worker.on('error', complain(name));
    taking.push(worker);
    return () => worker.close().catch(complain(name));
  }

  return {
    kind: backend.kind,
    open: queueNamed,
    async hint(name, conditionIds) {
      const jobs = conditionIds.map((conditionId) => ({
        ...(name === NOTIFY_QUEUE
          ? { name: NEWS, data: { about: conditionId } }
          : { name: HINT, data: { conditionId } }),
        opts: { deduplication: { id: conditionId, keepLastIfActive: true } },
      }));
      await withTimeout(queueNamed(name).addBulk(jobs), HINT_TIMEOUT_MS, `queue ${name} did not answer`);
    },
    serve: async (name, concurrency, run) =>
      take(name, concurrency, (job) => run(job.data.conditionId ?? job.data.about ?? '', job.id)),
    async scheduleSweeps(name, { hostId, everyMs, startMs }) {
      const queue = queueNamed(name);
      const arrange = async () => {
        const known = await queue.getJobScheduler(SWEEP);
        if (known?.every === everyMs) return;
        await queue.upsertJobScheduler(
          SWEEP,
          { every: everyMs, startDate: startMs },
          { name: SWEEP, data: { hostId } },
        );
      };
      await withTimeout(arrange(), HINT_TIMEOUT_MS, `queue ${name} did not answer`);
    },
    serveSweeps: async (name, run) => take(name, 1, run),
    async close() {
      closed = true;
      await Promise.all([...taking, ...open.values()].map((one) => closeInTime(one).catch(complain(one.name))));
      await withTimeout(backend.end(), CLOSE_MS, 'connections did not close').catch(complain(backend.kind));
    },
  };
}

function redisBackend(redisUrl: Secret, { prefix = 'berth', redisCaFile }: QueuesOptions): Backend {
  const place = parseRedisUrl(redisUrl.reveal());
  if (!place.ok) throw new Error(`REDIS_URL ${place.problem}`);
  const sending = toRedisConnection(place.value, { caFile: redisCaFile, patient: false });
  const taking = toRedisConnection(place.value, { caFile: redisCaFile, patient: true });
  // All keys of a queue must lie in one slot of a cluster: the braces say what is hashed.
  const tagged = place.value.kind === 'cluster' ? `{${prefix}}` : prefix;
  return {
    kind: 'redis',
    Queue: Queue as unknown as QueueClass,
    Worker: Worker as unknown as WorkerClass,
    sending: { prefix: tagged, connection: sending.connection },
    taking: { prefix: tagged, connection: taking.connection },
    end: async () => {
      sending.end();
      taking.end();
    },
  };
}

async function postgresBackend({ databaseUrl, log, maxConnections = 12 }: QueuesOptions): Promise<Backend> {
  const connectionString = databaseUrl.reveal();
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await runMigrations(client, 'bullmq');
  } finally {
    await client.end();
  }
  // A hint may be lost, so its commit needn't wait for the disk.
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    keepAlive: true,
    options: '-c search_path=bullmq -c synchronous_commit=off',
  });
  // Each queue listens to it, and a fleet has three for each host.
  pool.setMaxListeners(0);
  pool.on('error', (error) => log.debug({ err: messageOf(error) }, 'queue connection lost'));
  const classes = withBackend(createPostgresBackend);
  return {
    kind: 'postgres',
    Queue: classes.Queue as unknown as QueueClass,
    Worker: classes.Worker as unknown as WorkerClass,
    sending: { connection: pool },
    taking: { connection: pool },
    end: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

/** A backend that is away answers no goodbye: the connection is cut, so that the process can end. */
async function closeInTime(one: Pick<Queue, 'name' | 'close' | 'disconnect'>): Promise<void> {
  try {
    await withTimeout(one.close(), CLOSE_MS, `queue ${one.name} did not close`);
  } catch {
    await withTimeout(one.disconnect(), CLOSE_MS, `queue ${one.name} did not disconnect`);
  }
}

async function withTimeout<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
