import { describe, expect, test } from 'vitest';
import { type DomainRecord, isSameRecord, mailSafetyOf, purposeOf, recordsToTakeOver } from './domain-record.ts';

const domain = 'mustermann.de';
const record = (type: string, name: string, content: string): DomainRecord => ({ type, name, content, ttl: 3600 });
const mx = record('MX', domain, 'post.mustermann.de');

describe('purposeOf', () => {
  test.each([
    mx,
    record('TXT', domain, '"v=spf1 include:spf.former.example -all"'),
    record('TXT', 's1._domainkey.mustermann.de', 'v=DKIM1; k=rsa; p=MIIB'),
    record('CNAME', 's2._domainkey.mustermann.de', 's2.former.example'),
    record('TXT', '_dmarc.mustermann.de', 'v=DMARC1; p=none'),
    record('CNAME', 'autodiscover.mustermann.de', 'autodiscover.former.example'),
    record('SRV', '_autodiscover._tcp.mustermann.de', '0 0 443 auto.former.example'),
    record('A', 'imap.mustermann.de', '192.0.2.4'),
    record('A', 'post.mustermann.de', '192.0.2.5'),
    record('TXT', '_mta-sts.mustermann.de', 'v=STSv1; id=1'),
  ])('takes $type $name for mail', (one) => {
    expect(purposeOf(one, domain, [mx])).toBe('mail');
  });

  test.each([record('A', domain, '192.0.2.1'), record('CNAME', 'WWW.mustermann.de.', domain)])(
    'takes $type $name for the website',
    (one) => {
      expect(purposeOf(one, domain, [mx])).toBe('web');
    },
  );

  test.each([
    record('TXT', domain, 'google-site-verification=abc'),
    record('A', 'shop.mustermann.de', '192.0.2.1'),
    record('CAA', domain, '0 issue "letsencrypt.org"'),
  ])('takes $type $name for something else', (one) => {
    expect(purposeOf(one, domain, [mx])).toBe('other');
  });
});

describe('recordsToTakeOver', () => {
  test('puts mail first, and leaves the former servers and keys out', () => {
    const web = record('A', domain, '192.0.2.1');
    const other = record('A', 'shop.mustermann.de', '192.0.2.1');
    const sub = record('NS', 'lab.mustermann.de', 'ns1.lab.example');
    const found = [other, record('NS', domain, 'ns1.former.example'), web, record('DS', domain, '1 2 3 4'), sub, mx];
    expect(recordsToTakeOver(found, domain)).toEqual([mx, web, other, sub]);
  });
});

describe('isSameRecord', () => {
  test('minds neither spelling nor how long something is remembered', () => {
    expect(isSameRecord(mx, { ...mx, content: 'Post.Mustermann.de.', ttl: 1 })).toBe(true);
    expect(isSameRecord(record('TXT', domain, '"v=spf1 -all"'), record('TXT', domain, 'v=spf1 -all'))).toBe(true);
  });

  test('minds what a text says', () => {
    expect(isSameRecord(record('TXT', domain, 'p=AB'), record('TXT', domain, 'p=ab'))).toBe(false);
    expect(isSameRecord(mx, { ...mx, type: 'CNAME' })).toBe(false);
  });
});

describe('mailSafetyOf', () => {
  test('tells no mail and no knowledge apart', () => {
    expect(mailSafetyOf([])).toBe('unknown');
    expect(mailSafetyOf([record('A', domain, '192.0.2.1')])).toBe('none-found');
    expect(mailSafetyOf([mx])).toBe('taken-over');
  });
});
