import { describe, expect, test } from 'vitest';
import { parseShow } from './systemd-show.ts';

describe('parseShow', () => {
  test('parts the units, whatever the order of their properties', () => {
    const units = parseShow('Id=a.service\nActiveState=active\n\nActiveState=failed\nId=b.service\n');
    expect(units.map((unit) => [unit.get('Id'), unit.get('ActiveState')])).toEqual([
      ['a.service', 'active'],
      ['b.service', 'failed'],
    ]);
  });

  test('keeps what stands behind the first =, and empty values', () => {
    const [unit] = parseShow('Id=a.service\nExecStart={ path=/x ; argv[]=/x --y=z }\nInvocationID=\n');
    expect(unit?.get('ExecStart')).toBe('{ path=/x ; argv[]=/x --y=z }');
    expect(unit?.get('InvocationID')).toBe('');
  });

  test('sees no unit in nothing', () => {
    expect(parseShow('')).toEqual([]);
    expect(parseShow('\n\n')).toEqual([]);
  });
});
