import { describe, expect, test } from 'vitest';
import { tableLines } from './table.ts';

const columns = [{ heading: 'SITE', cuts: true }, { heading: 'DOMAIN', cuts: true }, { heading: 'STATE' }];
const long = `${'a'.repeat(60)}.example.org`;

describe('tableLines', () => {
  test('makes columns as wide as what is in them, and leaves no blanks at the end', () => {
    expect(tableLines(columns, [['customer_123', 'a.de', 'online']], undefined)).toEqual([
      'SITE          DOMAIN  STATE',
      'customer_123  a.de    online',
    ]);
  });

  test('cuts the widest first until all fits, and only what may be cut', () => {
    const lines = tableLines(columns, [['customer_123', long, 'online']], 80);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/^customer_123 {2}a+.*… {2}online$/);
  });

  test('cuts nothing where nobody said how wide it may be', () => {
    expect(tableLines(columns, [['c', long, 'online']], undefined)[1]).toContain(long);
  });

  test('gives up where even the narrowest is too wide', () => {
    expect(tableLines([{ heading: 'STATE' }], [['a state that may not be cut']], 5)[1]).toContain('may not be cut');
  });

  test('shows nothing that a terminal would obey', () => {
    const [, line] = tableLines(columns, [['c\u001b[31m', 'a\nb', '\u202ex']], undefined);
    expect(line).toBe('c [31m  a b      x');
  });
});
