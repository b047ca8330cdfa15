import { describe, expect, test } from 'vitest';
import { codeOfStep, stepOfCode } from './totp-step.ts';

// RFC 4226, appendix D
const SECRET = '12345678901234567890';

describe('codeOfStep', () => {
  test('gives what RFC 4226 gives', () => {
    const codes = [0, 1, 2, 3, 4].map((step) => codeOfStep(SECRET, step));
    expect(codes).toEqual(['755224', '287082', '359152', '969429', '338314']);
  });
});

describe('stepOfCode', () => {
  const at = (step: number) => new Date(step * 30_000 + 1);
  test('finds the step of a code, also of the one before and of the next', () => {
    expect([1, 2, 3].map((step) => stepOfCode(SECRET, '359152', at(step)))).toEqual([2, 2, 2]);
  });
  test('finds none for a code that is too old, too new or made up', () => {
    const code = codeOfStep(SECRET, 3);
    expect([1, 5].map((step) => stepOfCode(SECRET, code, at(step)))).toEqual([undefined, undefined]);
    expect(stepOfCode(SECRET, '000000', at(2))).toBe(undefined);
  });
});
