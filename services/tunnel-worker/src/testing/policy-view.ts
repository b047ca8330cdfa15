import { type CallApi, makeApiClient } from '@berth/simulators/testing/make-api-client';
import type { Visit } from '@berth/simulators/testing/visit-edge';
import type { PolicyStand } from './policy-stand.ts';
import type { Stage } from './stage.ts';

const PHASES = ['http_request_firewall_custom', 'http_ratelimit', 'http_config_settings'] as const;
const ORDINARY = '198.51.100.9 DE';

interface Thing {
  ref?: string;
  name?: string;
  domain?: string;
  policies?: { name: string }[];
}

export interface ProgramToken {
  clientId: string;
  clientSecret: string;
}

/** What stands at Cloudflare of a site's protection, by name, and what others made beside it, byte by byte. */
export interface PolicyView {
  rules: string[];
  /** the policies of each application */
  apps: string[][];
  policies: string[];
  theirs: string;
}

/** What of a site's protection stands at Cloudflare, and who gets in at its edge. */
export function makePolicyViews(stage: Stage, token: ProgramToken) {
  const call: CallApi = (...asked) => makeApiClient(stage.simulator)(...asked);
  const access = `/accounts/${stage.simulator.accountId}/access`;
  const entrypoint = ({ site }: PolicyStand, phase: string) =>
    `/zones/${site.cfZoneId}/rulesets/phases/${phase}/entrypoint`;
  const list = async (path: string): Promise<Thing[]> => (await call('GET', path)).body.result ?? [];

  return {
    /** Makes what others have beside what is ours: a rule in each phase, and an application. */
    async addStrangers(stand: PolicyStand): Promise<void> {
      const { domain } = stand.site;
      const expression = `http.host eq "other.${domain}"`;
      for (const [phase, rule] of Object.entries(rulesOfOthers)) {
        const rules = [{ ...rule, expression, ref: 'theirs' }];
        mustBe(200, await call('PUT', entrypoint(stand, phase), { rules }));
      }
      const app = { type: 'self_hosted', name: `theirs ${domain}`, domain: `other.${domain}`, policies: [] };
      mustBe(201, await call('POST', `${access}/apps`, app));
    },

    async view(stand: PolicyStand): Promise<PolicyView> {
      const { slug, domain } = stand.site;
      const phases = await Promise.all(
        PHASES.map(async (phase) => (await call('GET', entrypoint(stand, phase))).body.result?.rules ?? []),
      );
      const rules: Thing[] = phases.flat();
      const apps = (await list(`${access}/apps`)).filter((one) => one.domain?.endsWith(domain));
      const policies = await list(`${access}/policies`);
      const isOurs = ({ ref = '', name = '' }: Thing) => `${ref}${name}`.includes(slug);
      const plain = (text = '') => text.replace(slug, 'slug');
      return {
        rules: rules
          .filter(isOurs)
          .map(({ ref }) => plain(ref))
          .sort(),
        apps: apps.filter(isOurs).map((one) => (one.policies ?? []).map(({ name }) => plain(name))),
        policies: policies
          .filter(isOurs)
          .map(({ name }) => plain(name))
          .sort(),
        theirs: JSON.stringify([...rules, ...apps].filter((one) => !isOurs(one))),
      };
    },

    /** @returns who gets the page */
    async guests(stand: PolicyStand): Promise<Set<string>> {
      const [apex, www] = stand.hostnames;
      const asked = Object.entries(visitors(token)).map(async ([who, visit]) => {
        const status = await stand.visit(who.endsWith('below www') ? www : apex, visit);
        return status === 200 ? [who] : [];
      });
      return new Set((await Promise.all(asked)).flat());
    },
  };
}

const rulesOfOthers = {
  http_request_firewall_custom: { action: 'block' },
  http_ratelimit: {
    action: 'block',
    ratelimit: {
      characteristics: ['cf.colo.id', 'ip.src'],
      period: 10,
      requests_per_period: 5,
      mitigation_timeout: 10,
    },
  },
  http_config_settings: { action: 'set_config', action_parameters: { bic: false } },
} satisfies Record<(typeof PHASES)[number], unknown>;

const visitors = (token: ProgramToken): Record<string, Visit> => ({
  somebody: { visitor: ORDINARY, passed: true },
  'somebody below www': { visitor: ORDINARY, passed: true },
  'somebody who was not looked at': { visitor: ORDINARY },
  'somebody from the one network': { visitor: '203.0.113.9 DE', passed: true },
  anna: { visitor: ORDINARY, passed: true, identity: 'anna@example.org' },
  'anna from the one network': { visitor: '203.0.113.9 DE', passed: true, identity: 'anna@example.org' },
  'anna who was not looked at': { visitor: ORDINARY, identity: 'anna@example.org' },
  bert: { visitor: ORDINARY, passed: true, identity: 'bert@example.org' },
  'bert from the other network': { visitor: '192.0.2.9 DE', passed: true, identity: 'bert@example.org' },
  'a program': { visitor: ORDINARY, passed: true, token },
});

function mustBe(status: number, answer: { status: number; body: unknown }): void {
  if (answer.status !== status) throw new Error(`HTTP ${answer.status}: ${JSON.stringify(answer.body)}`);
}
