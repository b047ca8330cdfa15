import { describe, expect, test } from 'vitest';
import { makeTerminal, wantsColors, widthOf } from './terminal.ts';

function print(colors: boolean, work: (terminal: ReturnType<typeof makeTerminal>) => void): string {
  const pieces: string[] = [];
  let nowMs = 0;
  const stream = { write: (piece: string) => pieces.push(piece) > 0 };
  const terminal = makeTerminal({ stream, colors, nameWidth: 18, now: () => nowMs });
  nowMs = 12_340;
  work(terminal);
  return pieces.join('');
}

describe('makeTerminal', () => {
  test('aligns steps whatever letters the names have', () => {
    const lines = print(false, (terminal) => {
      terminal.step('mustermann.de', 'done', 'live');
      terminal.step('bäckerei-müller.de', 'waits', 'zone');
      terminal.step('bäckerei-müller.de'.normalize('NFD'), 'note', 'zone');
    });
    expect(lines.normalize('NFC').split('\n')).toEqual([
      ' 12.3 s  mustermann.de       ✓ live',
      ' 12.3 s  bäckerei-müller.de  … zone',
      ' 12.3 s  bäckerei-müller.de  · zone',
      '',
    ]);
  });

  test('writes escape sequences only when colours are wanted', () => {
    const all = (terminal: ReturnType<typeof makeTerminal>) => {
      terminal.title('x');
      terminal.step('x', 'done', terminal.bold('x'));
      terminal.fail('x');
    };
    expect(print(false, all)).not.toContain('\u001b');
    expect(print(true, all)).toContain('\u001b');
  });
});

describe('wantsColors', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [undefined, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('terminal %j with %j: %j', (isTTY, environment, wants) => {
    expect(wantsColors({ isTTY }, environment)).toBe(wants);
  });
});

test('widthOf counts letters as people see them', () => {
  expect(widthOf('bäckerei-müller.de'.normalize('NFD'))).toBe(18);
});
