/** Addresses in IPv4 that are nobody's on the public internet, or somebody's whom customers must not reach. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

/** All bridges of Berth's networks (`berth<slot>`), and no others. */
const BRIDGES = 'berth+';

/** A part of a private network that containers may reach all the same. */
export interface AllowedEgress {
  /** with its length, such as `10.0.5.7/32` */
  network: string;
  /** with its protocol; undefined: everything */
  port: { number: number; protocol: 'tcp' | 'udp' } | undefined;
}

/** What the firewall of one family of addresses must hold, in the words of `iptables -S`. */
export interface Firewall {
  /** our chains with their rules */
  chains: Readonly<Record<string, readonly string[]>>;
  /** the rules that lead into them; `parents`: where, the first one that packets pass counts */
  hooks: readonly { parents: readonly string[]; rule: string }[];
}

const hooks: Firewall['hooks'] = [
  { parents: ['INPUT'], rule: `-i ${BRIDGES} -j BERTH-INPUT` },
  { parents: ['DOCKER-USER', 'FORWARD'], rule: `-i ${BRIDGES} -j BERTH-EGRESS` },
  { parents: ['DOCKER-USER', 'FORWARD'], rule: `-o ${BRIDGES} -j BERTH-INGRESS` },
];

/**
 * IPv4. To the host containers only answer; into their networks only answers are forwarded; out of them everything but what isn't public.
 * @param pool all containers' networks, such as `10.200.0.0/16`
 */
export function ipv4Firewall(pool: string, allowed: readonly AllowedEgress[]): Firewall {
  return {
    hooks,
    chains: {
      'BERTH-INPUT': ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-j DROP'],
      'BERTH-INGRESS': ['-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN', '-j DROP'],
      'BERTH-EGRESS': [
        `-d ${pool} -j DROP`,
        ...allowed.map(({ network, port }) => `-d ${network} ${port ? portMatch(port) : ''}-j RETURN`),
        ...NOT_PUBLIC.map((network) => `-d ${network} -j DROP`),
      ],
    },
  };
}

/** IPv6, which the containers' networks don't have: nothing passes. */
export const ipv6Firewall: Firewall = {
  hooks,
  chains: { 'BERTH-INPUT': ['-j DROP'], 'BERTH-INGRESS': ['-j DROP'], 'BERTH-EGRESS': ['-j DROP'] },
};

function portMatch({ number, protocol }: { number: number; protocol: string }): string {
  return `-p ${protocol} -m ${protocol} --dport ${number} `;
}
