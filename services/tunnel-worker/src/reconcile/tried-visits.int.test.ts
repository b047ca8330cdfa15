import { type Protection, unprotected } from '@berth/shared/domain/protection';
import { tryVisit } from '@berth/shared/domain/try-visit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePolicyStand, type PolicyStand } from '../testing/policy-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';

const access = {
  emails: ['anna@example.org'],
  emailDomains: ['shop.example'],
  groups: [],
  serviceTokens: [],
  sessionHours: 24,
};
const ip = { allow: [], block: ['203.0.113.0/24', '2001:db8:1::/48'], blockCountries: ['KP'] };
const wishes: readonly (readonly [what: string, wish: Partial<Protection>])[] = [
  ['nothing', {}],
  ['people', { access }],
  ['a list of the blocked', { ip }],
  ['a list of the allowed', { ip: { ...ip, allow: ['192.0.2.0/24', '203.0.113.0/24', '2001:db8::/32'] } }],
  ['a look at every visitor', { underAttack: true }],
  ['all of it', { underAttack: true, access, ip: { ...ip, allow: ['192.0.2.0/24'] } }],
];
const addresses = ['192.0.2.7', '203.0.113.7', '198.51.100.7', '2001:db8:1::7', '2001:db8:2::7'];
const visits = addresses.flatMap((address) =>
  ['DE', 'KP'].flatMap((country) =>
    [undefined, 'anna@example.org', 'bert@shop.example', 'eve@evil-shop.example'].map((email) => {
      return { address, country, ...(email !== undefined && { email }) };
    }),
  ),
);
const STATUS = { enters: 200, 'signs-in': 302, blocked: 403, refused: 403, unknown: 0 };

let stage: Stage;
let stand: PolicyStand;
beforeAll(async () => {
  stage = await openStage();
  stand = await makePolicyStand(stage);
});
afterAll(() => stage.close());

describe('what is said of a visit before it is made', () => {
  test.each(wishes)('is what the edge then answers, with %s wanted', async (_what, wish) => {
    await stand.want(wish);
    await stand.settle();
    for (const visit of visits) {
      const { address, country, email } = { email: undefined, ...visit };
      const made = { passed: true, visitor: `${address} ${country}`, ...(email !== undefined && { identity: email }) };
      const { verdict } = tryVisit({ ...unprotected, ...wish }, visit);
      expect([visit, STATUS[verdict]]).toEqual([visit, await stand.visit(stand.hostnames[0], made)]);
    }
  });
});
