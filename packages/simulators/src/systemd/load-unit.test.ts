import { describe, expect, test } from 'vitest';
import { expandSpecifiers } from './load-unit.ts';
import { listSetting, parseTimeSpan, parseUnitText, splitWords, toTimeSpan } from './parse-unit.ts';

describe('parseUnitText', () => {
  test('reads sections, comments and continued lines', () => {
    expect(parseUnitText('# no\n[Service]\nExecStart=a \\\n  b\n; no\n[Install]\nWantedBy=x\n')).toEqual([
      ['Service', 'ExecStart', 'a    b'],
      ['Install', 'WantedBy', 'x'],
    ]);
  });
});

describe('listSetting', () => {
  test('forgets what stood before an empty value', () => {
    const settings = parseUnitText('[Service]\nExecStart=a\nExecStart=\nExecStart=b\n');
    expect(listSetting(settings, 'Service', 'ExecStart')).toEqual(['b']);
  });
});

describe('parseTimeSpan', () => {
  test.each([
    ['5', 5000],
    ['100ms', 100],
    ['1min 30s', 90_000],
    ['infinity', Number.POSITIVE_INFINITY],
    ['soon', undefined],
  ])('reads %s', (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });

  test('is printed again as show does', () => {
    expect([toTimeSpan(90_000), toTimeSpan(100), toTimeSpan(0)]).toEqual(['1min 30s', '100ms', '0']);
  });
});

describe('splitWords', () => {
  test('keeps quoted blanks', () => {
    expect(splitWords(`/bin/x "a b" 'c d' e`)).toEqual(['/bin/x', 'a b', 'c d', 'e']);
  });
});

describe('expandSpecifiers', () => {
  test('puts in names and directories', () => {
    expect(
      expandSpecifiers('%n %N %p %j %d %t %%', 'cloudflared-customer-a.service', { credentials: '/c', runtime: '/r' }),
    ).toBe('cloudflared-customer-a.service cloudflared-customer-a cloudflared-customer-a a /c /r %');
  });
});
