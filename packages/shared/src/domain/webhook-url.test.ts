import { describe, expect, test } from 'vitest';
import { makeAddressGuard } from './private-address.ts';
import { parseWebhookUrl } from './webhook-url.ts';

const strict = makeAddressGuard([]);
const loose = makeAddressGuard([{ address: '127.0.0.0', prefix: 8 }]);

describe('parseWebhookUrl', () => {
  test.each([
    ['ftp://example.org/', 'https'],
    ['https://user:password@example.org/', 'password'],
    ['http://example.org/', 'https'],
    ['https://127.0.0.1/', 'public'],
    ['https://2130706433/', 'public'],
    ['https://0x7f.1/', 'public'],
    ['https://[::1]/', 'public'],
    ['https://[::ffff:7f00:1]/', 'public'],
    ['https://169.254.169.254/latest/meta-data', 'public'],
    ['not a url', 'URL'],
  ])('refuses %s', (text, why) => {
    const parsed = parseWebhookUrl(text, strict);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(why) });
  });

  test('takes https to a name or a public address', () => {
    expect(parseWebhookUrl('https://hooks.example.org/berth?x=1', strict)).toMatchObject({ ok: true });
    expect(parseWebhookUrl('https://1.1.1.1:8443/', strict)).toMatchObject({ ok: true });
  });

  test('takes http only where a private address may be meant', () => {
    expect(parseWebhookUrl('http://order-system:3000/hooks', loose)).toMatchObject({ ok: true });
    expect(parseWebhookUrl('http://127.0.0.1:3000/', loose)).toMatchObject({ ok: true });
    expect(parseWebhookUrl('http://1.1.1.1/', loose)).toMatchObject({ ok: false });
  });
});
