import type { NotifierConfig } from './config.ts';
import type { OperatorPlace } from './reconcile/tell-operators.ts';

/** Where operators read, by the settings. */
export function operatorPlaces({ SLACK_WEBHOOK_URL, ADMIN_EMAIL, SMTP_URL }: NotifierConfig): OperatorPlace[] {
  const places: OperatorPlace[] = [];
  // The address of Slack's webhook is a secret: no row holds it.
  if (SLACK_WEBHOOK_URL) places.push({ channel: 'slack', target: 'operators' });
  if (ADMIN_EMAIL && SMTP_URL) places.push({ channel: 'email', target: ADMIN_EMAIL });
  return places;
}
