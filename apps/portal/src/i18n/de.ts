import { advice } from './de/advice.ts';
import { change } from './de/change.ts';
import { common } from './de/common.ts';
import { console } from './de/console.ts';
import { customer } from './de/customer.ts';
import { event } from './de/event.ts';
import { operator } from './de/operator.ts';
import { protection } from './de/protection.ts';
import { reason } from './de/reason.ts';
import { refusal } from './de/refusal.ts';

export const de = {
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
