import { describe, expect, test } from 'vitest';
import { graceOf } from './stop-grace.ts';

const Titles = ['PID', 'PPID', 'BLOCKED', 'IGNORED', 'COMMAND'];
const none = '0000000000000000';
const term = '0000000000004000';
const init = ['100', '7', none, none, 'docker-init'];
const program = (ignored: string, blocked = none) => ['120', '100', blocked, ignored, 'my server'];
const of = (...Processes: string[][]) => graceOf({ Titles, Processes });

describe('graceOf', () => {
  test('waits for a program that minds SIGTERM', () => {
    expect(of(init, program(none))).toBe(10);
    expect(of(init, program('0000000000001000'))).toBe(10);
  });

  test('hardly waits for one that ignores SIGTERM', () => {
    expect(of(init, program(term))).toBe(1);
    expect(of(init, program('<00004000'))).toBe(1);
    expect(of(init, program('fffffffe7ffbfeff'))).toBe(1);
  });

  test('waits for one that blocks it too, and may read it: the kernel keeps it then', () => {
    expect(of(init, program(term, term))).toBe(10);
  });

  test('asks the program itself, not what it started, which never gets the signal', () => {
    expect(of(init, program(none), ['130', '120', none, term, 'child'])).toBe(10);
    expect(of(init, program(term), ['130', '120', none, none, 'child'])).toBe(1);
  });

  test('waits when not all that the init looks after ignore it', () => {
    expect(of(init, program(term), ['130', '100', none, none, 'orphan'])).toBe(10);
  });

  test('is not misled by what somebody began in the container from outside', () => {
    const shell = ['90', '7', none, none, 'sh'];
    expect(of(shell, init, program(term))).toBe(1);
    expect(of(shell, ['91', '90', none, term, 'sleep'], init, program(none))).toBe(10);
  });

  test('waits where there is nothing to decide by', () => {
    expect(of()).toBe(10);
    expect(of(init)).toBe(10);
    expect(of(init, program('strange'))).toBe(10);
    expect(of(init, program(term, 'strange'))).toBe(10);
    expect(of(['120', '7', none, term, 'server'])).toBe(10);
    expect(of(init, ['200', '8', none, none, 'docker-init'], program(term))).toBe(10);
    expect(graceOf({ Titles: ['PID', 'CMD'], Processes: [['1', 'x']] })).toBe(10);
    expect(graceOf({ Titles, Processes: null })).toBe(10);
  });
});
