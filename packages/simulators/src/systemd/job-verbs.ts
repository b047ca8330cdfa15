import { type CallAnswer, toAnswer } from './answer.ts';
import type { Command } from './parse-command.ts';
import type { JobResult, Unit } from './unit.ts';
import type { UnitManager } from './unit-manager.ts';

type Verb = 'start' | 'restart' | 'try-restart' | 'stop';

interface Outcome {
  err: string[];
  exitCode: number;
}

const fine: Outcome = { err: [], exitCode: 0 };

/** start, stop, restart and try-restart of one or more units; waits for the jobs unless `--no-block`. */
export async function runJobs(
  manager: UnitManager,
  verb: Verb,
  names: string[],
  command: Command,
): Promise<CallAnswer> {
  const outcomes = await Promise.all(names.map((name) => runJob(manager, verb, name, command.flags.has('no-block'))));
  manager.collect();
  return toAnswer({
    err: outcomes.flatMap(({ err }) => err),
    exitCode: Math.max(0, ...outcomes.map(({ exitCode }) => exitCode)),
  });
}

async function runJob(manager: UnitManager, verb: Verb, name: string, noBlock: boolean): Promise<Outcome> {
  const unit = manager.get(name);
  const { loadState } = unit.loaded;
  const inMemory = manager.isInMemory(name);
  if (verb === 'stop' && loadState === 'not-found' && !inMemory) {
    return { err: [`Failed to stop ${name}: Unit ${name} not loaded.`], exitCode: 5 };
  }
  if (verb !== 'stop' && loadState === 'not-found') {
    return { err: [`Failed to ${verb} ${name}: Unit ${name} not found.`], exitCode: 5 };
  }
  if (verb !== 'stop' && loadState === 'masked') {
    return { err: [`Failed to ${verb} ${name}: Unit ${name} is masked.`], exitCode: 1 };
  }
  if (verb !== 'stop' && loadState === 'bad-setting') {
    return { err: [`Failed to ${verb} ${name}: Unit ${name} has a bad unit file setting.`], exitCode: 1 };
  }
  const err = manager.needsReload(unit)
    ? [
        `Warning: The unit file, source configuration file or drop-ins of ${name} changed on disk. Run 'systemctl daemon-reload' to reload units.`,
      ]
    : [];
  const job = begin(verb, manager.hold(unit));
  if (noBlock) {
    job.then(() => manager.collect()).catch(() => undefined);
    return { ...fine, err };
  }
  const result = await job;
  return { err: [...err, ...toFailure(name, result)], exitCode: result === 'done' ? 0 : 1 };
}

async function begin(verb: Verb, unit: Unit): Promise<JobResult> {
  switch (verb) {
    case 'start':
      return unit.start();
    case 'restart':
      return unit.restart();
    case 'try-restart':
      return unit.active === 'inactive' || unit.active === 'failed' ? 'done' : unit.restart();
    case 'stop':
      await unit.stop();
      return 'done';
  }
}

function toFailure(name: string, result: JobResult): string[] {
  const see = `See "systemctl status ${name}" and "journalctl -xeu ${name}" for details.`;
  switch (result) {
    case 'done':
      return [];
    case 'canceled':
      return [`Job for ${name} canceled.`];
    case 'timeout':
      return [`Job for ${name} failed because a timeout was exceeded.`, see];
    case 'protocol':
      return [
        `Job for ${name} failed because the service did not take the steps required by its unit configuration.`,
        see,
      ];
    case 'limit':
      return [
        `Job for ${name} failed because start of the service was attempted too often.`,
        see,
        `To force a start use "systemctl reset-failed ${name}"`,
        `followed by "systemctl start ${name}" again.`,
      ];
    case 'failed':
      return [`Job for ${name} failed because the control process exited with error code.`, see];
  }
}
