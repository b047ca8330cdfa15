/** Who must do something before a condition with such a reason goes on. */
export type Actor = 'customer' | 'operator';

const actors: Readonly<Record<string, Actor>> = {
  NameserversNotChanged: 'customer',
  DnssecActive: 'customer',
  MailRecordsRefused: 'operator',
  MailRecordsMissing: 'operator',
  ZoneMoved: 'customer',
  ZoneDeleted: 'operator',
  ZoneLeft: 'operator',
  ZoneAlreadyActive: 'operator',
  ZoneNotInAccount: 'customer',
  ZoneElsewhere: 'customer',
  ZoneCreateForbidden: 'operator',
  AccountFull: 'operator',
  DomainNotRegistered: 'customer',
  DomainRefused: 'operator',
  TunnelNameTaken: 'operator',
  AccessStranger: 'operator',
  AccessQuotaReached: 'operator',
  RulesFull: 'operator',
  NameDelegated: 'operator',
  NoRelease: 'operator',
  ImageNotFound: 'operator',
  ImageAccessDenied: 'operator',
  ImageNotAllowed: 'operator',
  DiskFull: 'operator',
  ImageRefused: 'operator',
  NoHostReady: 'operator',
  HostDown: 'operator',
  WishedPortTaken: 'operator',
  WishedPortOccupied: 'operator',
  DockerStranger: 'operator',
  HostUnprotected: 'operator',
  CloudflareUnauthorized: 'operator',
};

/** Who a reason waits for; undefined when it passes by itself. */
export function actorOf(reason: string): Actor | undefined {
  return Object.hasOwn(actors, reason) ? actors[reason] : undefined;
}

/** The reasons of what is as wanted, and of which an operator is told all the same: something beside it isn't as one would expect. */
export const noticedReasons: readonly string[] = ['PathGuardedElsewhere'];

/**
 * The reasons of which an operator is told when they last: those that wait for one, room that isn't there (it may come by itself),
 * a container that doesn't get healthy, and what is noticed.
 */
export const attentionReasons: readonly string[] = [
  ...Object.keys(actors).filter((reason) => actors[reason] === 'operator'),
  'NoAvailablePorts',
  'NoMemory',
  'ContainerUnhealthy',
  ...noticedReasons,
];

/** The reasons that wait for the customer, of whom nobody expects that it is done at once. */
export const customerReasons: readonly string[] = Object.keys(actors).filter((reason) => actors[reason] === 'customer');

/** All reasons that wait for a person. */
export const waitingReasons: readonly string[] = Object.keys(actors);
