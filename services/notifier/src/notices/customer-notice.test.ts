import { describe, expect, test } from 'vitest';
import { type CustomerNews, customerNotice } from './customer-notice.ts';
import type { Language } from './notice.ts';

const NEWS: CustomerNews[] = [
  { kind: 'customer.name-servers', nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'], reminder: false },
  { kind: 'customer.name-servers', nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'], reminder: true },
  { kind: 'customer.signed' },
  { kind: 'customer.action-required', message: 'what was found' },
  { kind: 'customer.live' },
  { kind: 'customer.down', since: '2026-11-25T12:00:00.000Z' },
  { kind: 'customer.recovered', lastedMs: 720_000 },
];
const write = (language: Language, news: CustomerNews) =>
  customerNotice({ customerName: 'Erika Müller', domain: 'mustermann.de', language, siteId: 's' }, news);

describe('what a customer is told', () => {
  test.each(NEWS)('is in the language that was wished: %j', (news) => {
    const [english, german] = [write('en', news), write('de', news)];
    expect([english.language, german.language]).toEqual(['en', 'de']);
    expect(english.text[0]).toBe('Hello Erika Müller,');
    expect(german.text[0]).toBe('Guten Tag Erika Müller,');
    expect(german.text.length).toBe(english.text.length);
    expect(german.text.join(' ')).not.toMatch(/\b(your|website can|please)\b/i);
    for (const notice of [english, german]) expect(notice.title).toContain('mustermann.de');
    expect([english.text.join(' '), german.text.join(' ')]).toEqual([
      expect.stringMatching(/\b(your|The)\b/i),
      expect.stringMatching(/\b(Ihre|Die)\b/),
    ]);
  });

  test('has a title of its own for each of them', () => {
    for (const language of ['en', 'de'] as const)
      expect(new Set(NEWS.map((news) => write(language, news).title)).size).toBe(NEWS.length);
  });

  test('names the name servers, since when the site is away, and how long it was', () => {
    const [first, , , , , down, recovered] = NEWS.map((news) => write('de', news));
    expect(first?.facts).toEqual([
      ['Nameserver 1', 'ada.ns.cloudflare.com'],
      ['Nameserver 2', 'bob.ns.cloudflare.com'],
    ]);
    expect(down?.text[1]).toContain('seit 2026-11-25 12:00 Uhr (UTC)');
    expect(recovered?.text[1]).toContain('12 min lang nicht geantwortet');
  });
});
