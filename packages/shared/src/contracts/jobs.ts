/**
 * Every job that can be in a queue. A job is a hint that a row may need attention: it holds an id and nothing else.
 * A payload may gain optional fields; it never loses or retypes one.
 */
export interface Jobs {
  /** look at one condition of a site; queues `domain`, `edge`, `container-<host>`, `connector-<host>` */
  'condition.reconcile': { conditionId: string };
  /** look whether a sweep of a host is due; queue `health-<host>`, made by its scheduler. In queues `traffic-<account>` and `requests-<account>`: whether these are to be read, of an account instead of a host */
  'host.sweep': { hostId: string };
  /** look whether there is something to tell; queue `notify` */
  'news.tell': { about: string };
}

export type JobName = keyof Jobs;

/** A hint: which condition to look at, and whose queue it belongs to. */
export interface Hint {
  conditionId: string;
  queue: string;
}

/** The notifier's queue; its hints are about no condition. */
export const NOTIFY_QUEUE = 'notify';

/** Something happened that somebody may have to be told of. */
export const newsHint: Hint = { conditionId: 'news', queue: NOTIFY_QUEUE };
