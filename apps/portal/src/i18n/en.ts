import { advice } from './en/advice.ts';
import { change } from './en/change.ts';
import { common } from './en/common.ts';
import { console } from './en/console.ts';
import { customer } from './en/customer.ts';
import { event } from './en/event.ts';
import { operator } from './en/operator.ts';
import { protection } from './en/protection.ts';
import { reason } from './en/reason.ts';
import { refusal } from './en/refusal.ts';

export const en = {
  ...common,
  advice,
  change,
  console,
  customer,
  event,
  operator,
  protection,
  reason,
  refusal,
} as const;
