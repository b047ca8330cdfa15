import { describe, expect, test } from 'vitest';
import { ipv4Firewall, ipv6Firewall } from './firewall-rules.ts';
import { planFirewall, planTeardown } from './plan-firewall.ts';

const wanted = ipv4Firewall('10.200.0.0/16', [{ network: '10.0.5.7/32', port: { number: 5432, protocol: 'tcp' } }]);

/** A host with Docker on it, as `iptables -S` lists it. */
const fresh = `-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-USER
-A INPUT -i lo -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j ACCEPT
-A DOCKER-USER -j RETURN
`;
const chains = Object.entries(wanted.chains);
const ours = [
  ...chains.map(([chain]) => `-N ${chain}`),
  ...chains.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
].join('\n');
const IN = '-i berth+ -j BERTH-INPUT';
const OUT = '-i berth+ -j BERTH-EGRESS';
const BACK = '-o berth+ -j BERTH-INGRESS';

/** With the firewall in it; `changed` replaces lines. */
const standing = (changed: (lines: string) => string = (lines) => lines) =>
  changed(
    fresh
      .replace('-A INPUT', `-A INPUT ${IN}\n-A INPUT`)
      .replace('-A DOCKER-USER', `-A DOCKER-USER ${OUT}\n-A DOCKER-USER ${BACK}\n-A DOCKER-USER`) + ours,
  );

describe('planFirewall', () => {
  test('fills the chains before anything leads into them, all in one transaction', () => {
    const lines = planFirewall(wanted, fresh)?.split('\n') ?? [];
    expect(lines[0]).toBe('*filter');
    expect(lines.slice(-2)).toEqual(['COMMIT', '']);
    const declared = lines.indexOf(':BERTH-INPUT - [0:0]');
    const filled = lines.indexOf('-A BERTH-INPUT -j DROP');
    const led = lines.indexOf(`-I INPUT 1 ${IN}`);
    expect([declared > 0, filled > declared, led > filled]).toEqual([true, true, true]);
    expect(lines).toContain(`-I DOCKER-USER 1 ${OUT}`);
    expect(lines).toContain(`-I DOCKER-USER 1 ${BACK}`);
  });

  test('has nothing to do where all of it stands', () => {
    expect(planFirewall(wanted, standing())).toBeUndefined();
  });

  test('lets other customers’ networks never be reached, whatever is allowed, and what is allowed before the rest', () => {
    const rules = wanted.chains['BERTH-EGRESS'] ?? [];
    expect(rules[0]).toBe('-d 10.200.0.0/16 -j DROP');
    expect(rules[1]).toBe('-d 10.0.5.7/32 -p tcp -m tcp --dport 5432 -j RETURN');
    for (const network of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10']) {
      expect(rules).toContain(`-d ${network} -j DROP`);
    }
  });

  test.each<[string, (lines: string) => string]>([
    ['a rule is missing', (lines) => lines.replace('-A BERTH-INPUT -j DROP', '')],
    ['a rule was added', (lines) => `${lines}\n-A BERTH-EGRESS -j ACCEPT`],
    ['a chain is gone', (lines) => lines.replaceAll(/.*BERTH-EGRESS.*\n/g, '')],
  ])('writes a chain anew when %s', (_, changed) => {
    expect(planFirewall(wanted, standing(changed))).toMatch(/^:BERTH-/m);
  });

  test('leads into the chains again after everything was flushed, by way of FORWARD', () => {
    const flushed = standing((lines) => lines.replaceAll(/^-A .*$/gm, ''));
    const lines = planFirewall(wanted, flushed)?.split('\n') ?? [];
    expect(lines).toContain(`-I INPUT 1 ${IN}`);
    expect(lines).toContain(`-I FORWARD 1 ${OUT}`);
    expect(lines).toContain(`-I FORWARD 1 ${BACK}`);
  });

  test('goes back to the chain that Docker keeps for it once that is passed again', () => {
    const lines = standing((text) =>
      text
        .replace(`-A DOCKER-USER ${OUT}\n`, '')
        .replace('-A FORWARD -j DOCKER-USER', `-A FORWARD -j DOCKER-USER\n-A FORWARD ${OUT}`),
    );
    const plan = planFirewall(wanted, lines)?.split('\n') ?? [];
    expect(plan.slice(1, -2)).toEqual([`-D FORWARD ${OUT}`, `-I DOCKER-USER 1 ${OUT}`]);
  });

  test('comes first again when something before it could accept, also by a chain of its own', () => {
    const before = (rule: string) => standing((lines) => lines.replace(`-A INPUT ${IN}`, `${rule}\n-A INPUT ${IN}`));
    const moved = [`-D INPUT ${IN}`, `-I INPUT 1 ${IN}`];
    const stepsOf = (listed: string) => planFirewall(wanted, listed)?.split('\n').slice(1, -2);
    expect(stepsOf(before('-A INPUT -s 10.0.0.0/8 -j ACCEPT'))).toEqual(moved);
    expect(stepsOf(`${before('-A INPUT -g others')}\n-N others\n-A others -p tcp -j ACCEPT`)).toEqual(moved);
    expect(stepsOf(`${before('-A INPUT -j jail')}\n-N jail\n-A jail -j DROP\n-A jail -j RETURN`)).toBeUndefined();
  });

  test('leaves one of two equal rules', () => {
    const twice = standing((lines) => lines.replace(`-A INPUT ${IN}`, `-A INPUT ${IN}\n-A INPUT ${IN}`));
    expect(planFirewall(wanted, twice)?.split('\n').slice(1, -2)).toEqual([
      `-D INPUT ${IN}`,
      `-D INPUT ${IN}`,
      `-I INPUT 1 ${IN}`,
    ]);
  });

  test('lets nothing of IPv6 pass', () => {
    expect(Object.values(ipv6Firewall.chains)).toEqual([['-j DROP'], ['-j DROP'], ['-j DROP']]);
    expect(planFirewall(ipv6Firewall, '-P INPUT ACCEPT\n-P FORWARD ACCEPT\n')).toContain(`-I FORWARD 1 ${OUT}`);
  });
});

describe('planTeardown', () => {
  test('leads nobody into the chains any more before it removes them', () => {
    const lines = planTeardown(wanted, standing())?.split('\n') ?? [];
    expect(lines.slice(1, 4)).toEqual([`-D INPUT ${IN}`, `-D DOCKER-USER ${OUT}`, `-D DOCKER-USER ${BACK}`]);
    expect(lines).toContain('-X BERTH-EGRESS');
  });

  test('leaves alone what is not Berth’s', () => {
    expect(planTeardown(wanted, fresh)).toBeUndefined();
  });
});
