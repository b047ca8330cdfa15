import type { advice } from './en/advice.ts';
import type { change } from './en/change.ts';
import type { common } from './en/common.ts';
import type { console } from './en/console.ts';
import type { customer } from './en/customer.ts';
import type { event } from './en/event.ts';
import type { operator } from './en/operator.ts';
import type { protection } from './en/protection.ts';
import type { reason } from './en/reason.ts';
import type { refusal } from './en/refusal.ts';

/** The same texts in another language. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

/** What every language says; English is written first. */
export interface Messages {
  advice: Texts<typeof advice>;
  change: Texts<typeof change>;
  common: Texts<typeof common>;
  console: Texts<typeof console>;
  customer: Texts<typeof customer>;
  event: Texts<typeof event>;
  operator: Texts<typeof operator>;
  protection: Texts<typeof protection>;
  reason: Texts<typeof reason>;
  refusal: Texts<typeof refusal>;
}
