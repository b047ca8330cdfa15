import { describe, expect, test } from 'vitest';
import { nameMigration } from './migration-name.ts';

const now = new Date('2026-12-01T10:20:30.400Z');

describe('nameMigration', () => {
  test('begins with the time in UTC', () => {
    expect(nameMigration('notes_expand', now, ['20261124000000_core'])).toBe('20261201102030_notes_expand');
  });

  test('stays behind what exists when the clock is behind', () => {
    expect(nameMigration('notes', now, ['20261124000000_core', '20261231000000_later'])).toBe('20261231000001_notes');
  });
});
