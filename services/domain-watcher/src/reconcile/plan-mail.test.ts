import type { DomainRecord } from '@berth/shared/domain/domain-record';
import { describe, expect, test } from 'vitest';
import { planMail } from './plan-mail.ts';

const NAME = 'mustermann.de';
const record = (type: string, content: string, name = NAME): DomainRecord => ({ type, name, content, ttl: 1 });
const mx = record('MX', 'mx.alt.example');
const spf = record('TXT', '"v=spf1 mx -all"');
const plan = (seen: DomainRecord[], found: DomainRecord[], zone: DomainRecord[]) => planMail({ seen, found, zone });

describe('planMail', () => {
  test('makes what the zone lacks', () => {
    expect(plan([mx, spf], [], [])).toEqual({ create: [mx, spf], unclear: [], there: [] });
  });

  test('leaves alone what was taken over, also when somebody took it away again', () => {
    expect(plan([mx], [mx], [])).toEqual({ create: [], unclear: [], there: [] });
  });

  test('takes note of what stands in the zone already, however it is written', () => {
    const there = { ...record('MX', 'MX.alt.example.', 'Mustermann.de'), ttl: 300 };
    expect(plan([mx], [], [there])).toEqual({ create: [], unclear: [], there: [mx] });
  });

  test('puts a further MX record or address beside one that was taken over', () => {
    const second = record('MX', 'mx2.alt.example');
    expect(plan([mx, second], [mx], [mx]).create).toEqual([second]);
  });

  test('does not miss what somebody has put something else in the place of', () => {
    const theirs = [record('MX', 'mx.new.example'), record('TXT', '"v=spf1 include:new.example -all"')];
    expect(plan([mx, spf], [], theirs)).toEqual({ create: [], unclear: [], there: [] });
  });

  test('makes no second policy beside one that was taken over: a person says which is right', () => {
    const older = record('TXT', '"v=spf1 a -all"');
    expect(plan([spf], [older], [older])).toEqual({ create: [], unclear: [spf], there: [] });
  });

  test('takes texts of another kind for nothing in the place of a policy', () => {
    const other = record('TXT', '"google-site-verification=abc"');
    expect(plan([spf], [other], [other]).create).toEqual([spf]);
  });

  test('makes nothing beside an alias', () => {
    const alias = record('CNAME', 'dkim.alt.example', `google._domainkey.${NAME}`);
    const key = record('TXT', '"v=DKIM1; p=abcdefgh"', `google._domainkey.${NAME}`);
    expect(plan([key], [alias], [alias]).unclear).toEqual([key]);
  });
});
