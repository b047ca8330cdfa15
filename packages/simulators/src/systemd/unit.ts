import { randomUUID } from 'node:crypto';
import type { CloudflaredProcess } from '../cloudflared/start-cloudflared.ts';
import type { LoadedUnit } from './load-unit.ts';

/** What a finished job says: `canceled` when another job took its place. */
export type JobResult = 'done' | 'failed' | 'protocol' | 'timeout' | 'limit' | 'canceled';

/** Starts the program of a unit; throws an `ExecFailure` where systemd's own steps before `exec` fail. */
export type Spawn = (unit: Unit, on: { ready: () => void; exit: (exitCode: number) => void }) => CloudflaredProcess;

/** The steps before the program runs failed: 203/EXEC, 243/CREDENTIALS. */
export class ExecFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'ExecFailure';
    this.exitCode = exitCode;
  }
}

interface Exit {
  /** 1 exited, 2 killed, as in `ExecMainCode` */
  code: number;
  status: number;
}

const journalLimit = 200;
let nextPid = 6_000_001; // above the largest pid of Linux, so that a stray kill meets nobody

/** One service in memory: its state and what happens to it in the course of time. */
export class Unit {
  readonly name: string;
  loaded: LoadedUnit;
  /** as it was when it was first asked for; systemd keeps it until a reload */
  fileState: string | undefined;
  active: 'inactive' | 'activating' | 'active' | 'deactivating' | 'failed' = 'inactive';
  sub = 'dead';
  result = 'success';
  restarts = 0;
  mainPid = 0;
  invocationId = '';
  startedAt = 0;
  exitedAt = 0;
  changedAt = 0;
  lastPid = 0;
  exit: Exit = { code: 0, status: 0 };
  readonly journal: string[] = [];
  readonly #spawn: Spawn;
  readonly #tell: (unit: Unit, line: string, bySystemd: boolean) => void;
  #process: CloudflaredProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #starts: number[] = [];
  #startJobs: Array<(result: JobResult) => void> = [];
  #stopJobs: Array<() => void> = [];

  /** @param tell told of each line that its program, or systemd about it, writes */
  constructor(
    name: string,
    loaded: LoadedUnit,
    spawn: Spawn,
    tell: (unit: Unit, line: string, bySystemd: boolean) => void = () => undefined,
  ) {
    this.name = name;
    this.loaded = loaded;
    this.#spawn = spawn;
    this.#tell = tell;
  }

  /** The connector inside, while the program runs. */
  get connectorId(): string | undefined {
    return this.#process?.connectorId;
  }

  /** A line of its program. */
  log(line: string): void {
    this.#note(line, false);
  }

  #say(line: string): void {
    this.#note(line, true);
  }

  #note(line: string, bySystemd: boolean): void {
    this.#tell(this, line, bySystemd);
    this.journal.push(`${new Date().toISOString()} ${line}`);
    if (this.journal.length > journalLimit) {
      this.journal.shift();
    }
  }

  /** Resolves when the start job is finished: with Type=notify at READY, otherwise at once. */
  async start(): Promise<JobResult> {
    if (this.active === 'deactivating') {
      await this.#untilStopped();
    }
    if (this.active === 'active') {
      return 'done';
    }
    const job = new Promise<JobResult>((resolve) => this.#startJobs.push(resolve));
    if (this.#process === undefined) {
      this.restarts = 0;
      this.#clearTimer();
      this.#begin();
    }
    return job;
  }

  /** SIGTERM, and SIGKILL after TimeoutStopSec. */
  async stop(): Promise<void> {
    this.#finishStart('canceled');
    if (this.#process === undefined) {
      this.#clearTimer();
      if (this.active === 'activating') {
        this.#enter('inactive', 'dead');
      }
      return;
    }
    if (this.active !== 'deactivating') {
      this.#clearTimer();
      this.#enter('deactivating', 'stop-sigterm');
      const stopping = this.#process;
      this.#arm(this.loaded.settings.timeoutStopMs, () => {
        stopping.kill();
        this.#exited({ code: 2, status: 9 }, 'timeout');
      });
      stopping.terminate();
    }
    await this.#untilStopped();
  }

  async restart(): Promise<JobResult> {
    await this.stop();
    return this.start();
  }

  /** A signal to the main process; false when there is none. */
  kill(signal: number): boolean {
    if (this.#process === undefined) {
      return false;
    }
    if (signal === 15 || signal === 2) {
      this.#process.terminate();
    } else if (signal !== 0) {
      this.#process.kill();
      this.#exited({ code: 2, status: signal }, 'signal');
    }
    return true;
  }

  resetFailed(): void {
    this.#starts = [];
    this.restarts = 0;
    if (this.active === 'failed') {
      this.result = 'success';
      this.#enter('inactive', 'dead');
    }
  }

  /** As when the machine loses its power. */
  cutPower(): void {
    this.#clearTimer();
    this.#process?.kill();
    this.#process = undefined;
  }

  #begin(): void {
    const { settings, loadState } = this.loaded;
    if (loadState !== 'loaded') {
      this.result = 'resources';
      this.#settle('failed', 'failed', 'failed');
      return;
    }
    if (this.#tooOften()) {
      this.#say('Start request repeated too quickly.');
      // What the program failed of before stays the result, as in systemd.
      this.result = this.result === 'success' ? 'start-limit-hit' : this.result;
      this.#settle('failed', 'failed', 'limit');
      return;
    }
    this.invocationId = randomUUID().replaceAll('-', '');
    this.startedAt = Date.now();
    this.lastPid = nextPid;
    nextPid += 1;
    this.mainPid = this.lastPid;
    this.result = 'success';
    this.exit = { code: 0, status: 0 };
    const notifies = settings.type.startsWith('notify');
    const invocation = this.invocationId;
    const current = (act: () => void) => (): void => {
      if (this.invocationId === invocation) {
        act();
      }
    };
    try {
      this.#process = this.#spawn(this, {
        ready: current(() => this.#isReady(notifies)),
        exit: (exitCode) => current(() => this.#exited({ code: 1, status: exitCode }))(),
      });
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
      // Without a notification, and unless it waits for exec, systemd is done once it has forked.
      if (!notifies && settings.type !== 'exec') this.#settle('active', 'running', 'done');
      this.#exited({ code: 1, status: error instanceof ExecFailure ? error.exitCode : 1 });
      return;
    }
    if (!notifies) {
      this.#settle('active', 'running', 'done');
      return;
    }
    this.#enter('activating', 'start');
    this.#arm(settings.timeoutStartMs, () => {
      this.#say('start operation timed out. Terminating.');
      this.#process?.kill();
      this.#exited({ code: 2, status: 15 }, 'timeout');
    });
  }

  #isReady(notifies: boolean): void {
    if (notifies && this.active === 'activating') {
      this.#clearTimer();
      this.#settle('active', 'running', 'done');
    }
  }

  #exited(exit: Exit, result?: string): void {
    const stopping = this.active === 'deactivating';
    const early = this.active === 'activating' && this.loaded.settings.type.startsWith('notify');
    this.#clearTimer();
    this.#process = undefined;
    this.mainPid = 0;
    this.exitedAt = Date.now();
    this.exit = exit;
    const clean = exit.code === 1 && exit.status === 0;
    // Who was to say READY and ended before it has broken the protocol, however well it ended.
    this.result = result ?? (clean ? (early ? 'protocol' : 'success') : 'exit-code');
    this.#say(
      `${this.name}: Main process exited, code=${exit.code === 1 ? 'exited' : 'killed'}, status=${exit.status}`,
    );
    const job = this.result === 'timeout' || this.result === 'protocol' ? this.result : 'failed';
    if (!stopping && this.#restartsAfter()) {
      this.#enter('activating', 'auto-restart');
      this.#finishStart(job);
      this.#arm(this.loaded.settings.restartMs, () => {
        this.restarts += 1;
        this.#begin();
      });
      return;
    }
    const failed = this.result !== 'success';
    this.#settle(failed ? 'failed' : 'inactive', failed ? 'failed' : 'dead', failed ? job : 'done');
    for (const finished of this.#stopJobs.splice(0)) {
      finished();
    }
  }

  #restartsAfter(): boolean {
    const { result } = this;
    switch (this.loaded.settings.restart) {
      case 'always':
        return true;
      case 'on-success':
        return result === 'success';
      case 'on-failure':
        return result !== 'success';
      case 'on-abnormal':
        return result === 'signal' || result === 'timeout';
      case 'on-abort':
        return result === 'signal';
      default:
        return false;
    }
  }

  #tooOften(): boolean {
    const { startLimitBurst, startLimitIntervalMs } = this.loaded.settings;
    if (startLimitIntervalMs === 0 || startLimitBurst === 0) {
      return false;
    }
    const now = Date.now();
    this.#starts = this.#starts.filter((start) => now - start < startLimitIntervalMs);
    if (this.#starts.length >= startLimitBurst) {
      return true;
    }
    this.#starts.push(now);
    return false;
  }

  #untilStopped(): Promise<void> {
    return new Promise((resolve) => this.#stopJobs.push(resolve));
  }

  #settle(active: Unit['active'], sub: string, result: JobResult): void {
    this.#enter(active, sub);
    this.#finishStart(result);
  }

  #enter(active: Unit['active'], sub: string): void {
    this.active = active;
    this.sub = sub;
    this.changedAt = Date.now();
    if (active === 'active') this.#say(`Started ${this.loaded.settings.description}.`);
    if (active === 'inactive') this.#say(`Stopped ${this.loaded.settings.description}.`);
  }

  #finishStart(result: JobResult): void {
    for (const finished of this.#startJobs.splice(0)) {
      finished(result);
    }
  }

  #arm(ms: number, act: () => void): void {
    this.#clearTimer();
    if (Number.isFinite(ms)) {
      this.#timer = setTimeout(act, ms);
    }
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
