import { appendFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Names the file that takes what failed; the runs of all tiers write into one. */
export const FAILURES_FILE = 'BERTH_TEST_FAILURES';

/** What was logged is kept beside, of so many failures: that of the others is mostly the same. */
const LOGS_OF = 2;

/** Where the reporter keeps what was logged last, of a file that takes what failed. */
export const logsBeside = (failures: string): string => `${failures}.logs`;

type Failure = { message?: string; stacks?: { file: string; line: number }[] };

/** Keeps what failed until every tier has ended: the middle of a long output is what gets cut off. */
export default class FailuresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[FAILURES_FILE];
    const lines = [...modules.flatMap(failuresOf), ...unhandled.map((error) => describe('outside of a test', error))];
    if (!file) return;
    if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
    const logs = modules.flatMap(logsOf).slice(0, LOGS_OF).flat();
    if (logs.length > 0) appendFileSync(logsBeside(file), `${logs.join('\n')}\n`);
  }
}

function failuresOf(module: TestModule): string[] {
  const place = module.relativeModuleId;
  const suites = [...module.children.allSuites()];
  const tests = [...module.children.allTests('failed')];
  return [
    ...module.errors().map((error) => describe(place, error)),
    ...suites.flatMap((suite) => suite.errors().map((error) => describe(`${place} > ${suite.fullName}`, error))),
    ...tests.flatMap((test) =>
      (test.result().errors ?? []).map((error) => describe(`${place} > ${test.fullName}`, error)),
    ),
  ];
}

/** What the processes of a file logged last, for each of its tests that failed. */
function logsOf(module: TestModule): string[][] {
  return [...module.children.allTests('failed')].flatMap((test) => {
    const { lastLogged = [] } = test.meta() as { lastLogged?: string[] };
    return lastLogged.length > 0 ? [[test.fullName, ...lastLogged.map((line) => `    ${line}`)]] : [];
  });
}

function describe(what: string, { message = 'no message', stacks = [] }: Failure): string {
  const at = stacks.slice(0, 3).map(({ file, line }) => `    at ${file}:${line}`);
  return [
    what,
    ...message
      .split('\n')
      .slice(0, 12)
      .map((line) => `    ${line}`),
    ...at,
  ].join('\n');
}
