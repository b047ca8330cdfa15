import type { IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { Zone } from '../cloudflare/zone.ts';
import { makeRuleEnforcement, type RuleEnforcement } from './enforce-rules.ts';

const CUSTOM = 'http_request_firewall_custom';
const block = { action: 'block', expression: 'ip.src in {192.0.2.0/24}' };
const limit = {
  action: 'block',
  expression: 'starts_with(http.request.uri.path, "/")',
  ratelimit: { characteristics: ['ip.src', 'cf.colo.id'], period: 10, requests_per_period: 3, mitigation_timeout: 10 },
};

let zone: Zone;
let nowMs: number;
let rules: RuleEnforcement;

beforeEach(() => {
  zone = Zone.make('shop.example', 'active', []);
  nowMs = 1_000_000;
  rules = makeRuleEnforcement(() => nowMs);
});

function visit(visitor = '192.0.2.7 DE', url = '/', host = 'shop.example'): number | undefined {
  const headers = { host, 'x-simulated-visitor': visitor };
  return rules.refuse(zone, { headers, url, method: 'GET' } as unknown as IncomingMessage)?.status;
}
const custom = (...bodies: unknown[]) => zone.rules.replace(CUSTOM, { rules: bodies }, zone.plan);

describe('the rules of a zone, at the edge,', () => {
  test('let everybody pass where there are none', () => {
    expect(visit()).toBeUndefined();
  });

  test('hold up those whom they mean, and nobody else', () => {
    custom(block);
    expect([visit(), visit('198.51.100.1 DE'), visit('2001:db8::1 DE')]).toEqual([403, undefined, undefined]);
  });

  test('do nothing while they are off', () => {
    custom({ ...block, enabled: false });
    expect(visit()).toBeUndefined();
  });

  test('answer as they say', () => {
    const response = { status_code: 451, content: 'not here', content_type: 'text/plain' };
    custom({ ...block, action_parameters: { response } });
    expect(visit()).toBe(451);
    custom({ ...block, action: 'managed_challenge' });
    expect(visit()).toBe(403);
  });

  test('are passed over after one that skips the rest, which may be somebody else’s', () => {
    custom({ action: 'skip', expression: 'ip.src.country eq "DE"', action_parameters: { ruleset: 'current' } }, block);
    expect([visit(), visit('192.0.2.7 US')]).toEqual([undefined, 403]);
  });

  test('have every visitor challenged under attack who has not passed, but for those whom a rule takes past it', () => {
    const attack = { action: 'set_config', expression: 'http.host eq "shop.example"' };
    const settings = (...levels: string[]) =>
      zone.rules.replace(
        'http_config_settings',
        { rules: levels.map((level) => ({ ...attack, action_parameters: { security_level: level } })) },
        zone.plan,
      );
    settings('under_attack');
    expect([visit(), visit('192.0.2.7 DE', '/', 'other.shop.example')]).toEqual([403, undefined]);
    custom({
      action: 'skip',
      expression: 'ip.src.country eq "DE"',
      action_parameters: { products: ['securityLevel'] },
    });
    expect([visit(), visit('192.0.2.7 US')]).toEqual([undefined, 403]);
    settings('under_attack', 'low');
    expect(visit('192.0.2.7 US')).toBeUndefined();
  });

  test('of a limit hold off what is too much, for as long as they say, and count by address', () => {
    zone.rules.replace('http_ratelimit', { rules: [limit] }, zone.plan);
    expect([visit(), visit(), visit(), visit(), visit('192.0.2.8 DE')]).toEqual([
      undefined,
      undefined,
      undefined,
      429,
      undefined,
    ]);
    nowMs += 9999;
    expect(visit()).toBe(429);
    nowMs += 1;
    expect(visit()).toBeUndefined();
  });

  test('of a limit begin to count anew when the period is over, and when they are changed', () => {
    const { rules: made, id } = zone.rules.replace('http_ratelimit', { rules: [limit] }, zone.plan);
    for (const _ of [1, 2, 3]) visit();
    nowMs += 10_000;
    expect([visit(), visit(), visit()]).toEqual([undefined, undefined, undefined]);
    zone.rules.change(id, made[0]?.id ?? '', limit, zone.plan);
    expect(visit()).toBeUndefined();
  });

  test('of a limit are skipped with their phase', () => {
    zone.rules.replace(
      'http_ratelimit',
      { rules: [{ ...limit, ratelimit: { ...limit.ratelimit, requests_per_period: 1 } }] },
      zone.plan,
    );
    custom({ action: 'skip', expression: 'true', action_parameters: { phases: ['http_ratelimit'] } });
    expect([visit(), visit(), visit()]).toEqual([undefined, undefined, undefined]);
  });
});
