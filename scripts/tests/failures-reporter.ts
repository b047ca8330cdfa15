import { appendFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Names the file that takes what failed; the runs of all tiers write into one. */
export const FAILURES_FILE = 'BERTH_TEST_FAILURES';

type Failure = { message?: string; stacks?: { file: string; line: number }[] };

/** Keeps what failed until every tier has ended: the middle of a long output is what gets cut off. */
export default class FailuresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[FAILURES_FILE];
    const lines = [...modules.flatMap(failuresOf), ...unhandled.map((error) => describe('outside of a test', error))];
    if (file && lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
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
