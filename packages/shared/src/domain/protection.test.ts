import { describe, expect, test } from 'vitest';
import { inOrderOfChange, type Protection, unprotected } from './protection.ts';

const ip = { allow: [], block: ['192.0.2.1'], blockCountries: [] };
const access = { emails: ['a@b.example'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };
const order = (from: Partial<Protection>, to: Partial<Protection>) =>
  inOrderOfChange({ ...unprotected, ...from }, { ...unprotected, ...to });

describe('inOrderOfChange', () => {
  test('has what is new before what goes, so that a site is never without both', () => {
    expect(order({ access }, { ip, underAttack: true })).toEqual(['ip', 'underAttack', 'access', 'rateLimit']);
    expect(order({ ip }, { access }).slice(0, 2)).toEqual(['access', 'ip']);
  });

  test('has what is new before what lets others in than before', () => {
    const others = { ...access, emails: ['c@d.example'] };
    expect(order({ access }, { access: others, ip }).slice(0, 2)).toEqual(['ip', 'access']);
  });
});
