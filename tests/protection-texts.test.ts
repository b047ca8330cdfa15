import { protectionNote, protectionProblem } from '@berth/contract/protection';
import { noteTexts, problemTexts } from '@berth/shared/domain/protection-texts';
import { describe, expect, test } from 'vitest';
import { de } from '../apps/portal/src/i18n/de.ts';
import { en } from '../apps/portal/src/i18n/en.ts';

/** `{ ip: { 'host-bits': … } }` as `ip.host-bits`, each with what it names. */
function named(texts: object, before = ''): Record<string, string[]> {
  const entries = Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string'
      ? [[before + key, [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()] as const]
      : Object.entries(named(text, `${before}${key}.`)),
  );
  return Object.fromEntries(entries);
}

describe('what can’t be had of a protection, and what should be known', () => {
  test.each([
    ['de', de],
    ['en', en],
  ])('is said by the portal in %s, with what the API names', (_language, { protection }) => {
    expect(named(protection.problem)).toEqual(named(problemTexts));
    expect(named(protection.note)).toEqual(named(noteTexts));
  });

  test('is described by the contract, code by code', () => {
    expect([...protectionProblem.shape.code.options].sort()).toEqual(Object.keys(problemTexts).sort());
    expect([...protectionNote.shape.code.options].sort()).toEqual(Object.keys(noteTexts).sort());
  });
});
