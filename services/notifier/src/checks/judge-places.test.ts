import { describe, expect, test } from 'vitest';
import { judgePlaces, type PlaceFacts } from './judge-places.ts';

const secret = 'XyZ0secret';
const good: PlaceFacts = {
  slack: new URL(`https://hooks.slack.com/services/T00000000/B00000000/${secret}`),
  adminEmail: 'ops@example.org',
  smtp: { why: undefined },
  heartbeat: { url: new URL(`https://hc.example.org/${secret}`), why: undefined },
  webhooks: { allowsPrivate: false, allowsMetadata: false, refused: [], endpoints: 2 },
};

describe('judgePlaces', () => {
  test.each([
    good,
    { ...good, slack: new URL('https://mattermost.example.org/hooks/x'), adminEmail: undefined, smtp: undefined },
    { ...good, slack: undefined, heartbeat: undefined, webhooks: { ...good.webhooks, allowsPrivate: true } },
  ])('finds nothing wrong, and then says nothing to do: %j', (facts) => {
    for (const check of judgePlaces(facts)) expect(check).toMatchObject({ status: 'ok', fix: '' });
  });

  test.each([
    ['notifier.operators', { slack: undefined, smtp: undefined }, 'warn', 'nowhere'],
    ['notifier.slack', { slack: new URL('https://hooks.slack.com/archives/C1') }, 'fail', 'no incoming webhook'],
    ['notifier.smtp', { smtp: undefined }, 'warn', 'SMTP_URL is not'],
    ['notifier.smtp', { smtp: { why: 'connect ECONNREFUSED' } }, 'fail', 'ECONNREFUSED'],
    [
      'notifier.webhooks',
      { webhooks: { ...good.webhooks, refused: [{ url: 'https://10.0.0.1/', why: 'is private' }] } },
      'fail',
      'nothing is sent to https://10.0.0.1/ is private',
    ],
    ['notifier.webhooks', { webhooks: { ...good.webhooks, allowsMetadata: true } }, 'warn', '169.254.169.254'],
    [
      'notifier.heartbeat',
      { heartbeat: { url: new URL('https://hc.example.org/x'), why: 'answered 404' } },
      'fail',
      '404',
    ],
  ] as const)('%s of %j: %s', (id, changed, status, words) => {
    const check = judgePlaces({ ...good, ...changed }).find((one) => one.id === id);
    expect(check).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(check?.fix).not.toBe('');
  });

  test('shows no address that is a secret', () => {
    expect(JSON.stringify(judgePlaces(good))).not.toContain(secret);
    const moved = { ...good, slack: new URL(`https://hooks.slack.com/${secret}`) };
    expect(JSON.stringify(judgePlaces(moved))).not.toContain(secret);
  });
});
