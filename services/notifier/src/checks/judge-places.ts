import { type Check, fails, isOk, warns } from '@berth/shared/domain/checks';

/** What is there of the places that something is told at. Addresses that are secrets aren't shown. */
export interface PlaceFacts {
  /** undefined where it isn't set */
  slack: URL | undefined;
  adminEmail: string | undefined;
  /** undefined where it isn't set; `why` when the server doesn't take the login */
  smtp: { why: string | undefined } | undefined;
  /** undefined where it isn't set; `why` when the last call wasn't taken, or Berth is silent on purpose */
  heartbeat: { url: URL; why: string | undefined } | undefined;
  webhooks: {
    /** whether private addresses are allowed at all, and among them that by which clouds tell machines their secrets */
    allowsPrivate: boolean;
    allowsMetadata: boolean;
    /** endpoints that the settings let nothing be sent to, and why */
    refused: readonly { url: string; why: string }[];
    endpoints: number;
  };
}

const SLACK_HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com'];
const SLACK_PATH = /^\/(services|workflows|triggers)\/[A-Z0-9]+\/.+/;
const SHOWN = 5;

/** How the places are that something is told at. */
export function judgePlaces(facts: PlaceFacts): Check[] {
  return [
    judgeOperators(facts),
    judgeSlack(facts.slack),
    judgeSmtp(facts),
    judgeWebhooks(facts.webhooks),
    judgeHeartbeat(facts.heartbeat),
  ];
}

function judgeOperators({ slack, adminEmail, smtp }: PlaceFacts): Check {
  const subject = { id: 'notifier.operators', title: 'Operators are told what fails' };
  const places = [slack && 'in Slack', adminEmail && smtp && 'by e-mail'].filter(Boolean);
  if (places.length > 0) return isOk(subject, places.join(' and '));
  return warns(
    subject,
    'nowhere: incidents are seen by who looks for them only',
    'set SLACK_WEBHOOK_URL, or ADMIN_EMAIL with SMTP_URL',
  );
}

/** Programs that take the same messages have other addresses. */
function judgeSlack(url: URL | undefined): Check {
  const subject = { id: 'notifier.slack', title: "Slack's address" };
  if (!url) return isOk(subject, 'SLACK_WEBHOOK_URL is not set');
  if (!SLACK_HOSTS.includes(url.hostname))
    return isOk(subject, `${url.hostname}, which is not Slack's and must take Slack's messages`);
  if (SLACK_PATH.test(url.pathname)) return isOk(subject, 'looks like an incoming webhook');
  const fix = 'copy it once more: https://hooks.slack.com/services/T…/B…/…';
  return fails(subject, 'SLACK_WEBHOOK_URL is at Slack, but is no incoming webhook', fix);
}

function judgeSmtp({ smtp, adminEmail }: PlaceFacts): Check {
  const subject = { id: 'notifier.smtp', title: 'The mail server takes e-mail' };
  if (!smtp) {
    if (adminEmail === undefined) return isOk(subject, 'SMTP_URL is not set');
    return warns(
      subject,
      'ADMIN_EMAIL is set and SMTP_URL is not: nothing is sent there',
      'set SMTP_URL and SMTP_FROM',
    );
  }
  if (smtp.why === undefined) return isOk(subject, 'it answers, and takes the login');
  return fails(
    subject,
    smtp.why,
    'check SMTP_URL (host, port, user, password, TLS), and that this machine may reach it',
  );
}

function judgeWebhooks({ allowsPrivate, allowsMetadata, refused, endpoints }: PlaceFacts['webhooks']): Check {
  const subject = { id: 'notifier.webhooks', title: 'Webhooks go where they should' };
  if (refused.length > 0) {
    const shown = refused.slice(0, SHOWN).map(({ url, why }) => `${url} ${why}`);
    const more = refused.length > SHOWN ? [`and ${refused.length - SHOWN} more`] : [];
    const fix =
      'give the endpoint another address (PATCH /v1/webhook-endpoints/<id>), or allow it by WEBHOOK_ALLOW_PRIVATE';
    return fails(subject, `nothing is sent to ${[...shown, ...more].join('; ')}`, fix);
  }
  if (allowsMetadata) {
    const detail = 'WEBHOOK_ALLOW_PRIVATE lets them reach 169.254.169.254, where clouds hand out a machine’s secrets';
    return warns(subject, detail, 'name the addresses of your receivers alone');
  }
  const where = allowsPrivate ? 'public addresses and those of WEBHOOK_ALLOW_PRIVATE' : 'public addresses only';
  return isOk(subject, `${endpoints} endpoints; ${where}`);
}

function judgeHeartbeat(heartbeat: PlaceFacts['heartbeat']): Check {
  const subject = { id: 'notifier.heartbeat', title: 'Somebody outside waits for signs of life' };
  if (!heartbeat) return isOk(subject, 'HEARTBEAT_URL is not set: nobody outside notices when Berth itself is gone');
  const { url, why } = heartbeat;
  if (why !== undefined)
    return fails(subject, why, 'check HEARTBEAT_URL; what it waits for stands in the log of the notifier');
  return isOk(subject, `${url.hostname} takes them`);
}
