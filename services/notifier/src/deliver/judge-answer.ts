import type { DeliveryEnd } from '@berth/shared/store/deliveries';
import type { Answer } from '../channels/channel.ts';

/**
 * What becomes of a delivery after an answer.
 * @param tries how many there were, this one included
 * @param random a number in [0, 1): up to a tenth is added to a wait, so that what failed together doesn't come back together
 */
export function judgeAnswer(answer: Answer, tries: number, retryMs: readonly number[], random: number): DeliveryEnd {
  const { code } = answer;
  switch (answer.kind) {
    case 'taken':
      return { state: 'delivered', code };
    case 'rejected':
      return { state: 'failed', code, error: answer.problem };
    case 'canceled':
      return { state: 'canceled', code, error: answer.problem };
    case 'refused': {
      const waitMs = retryMs[tries - 1];
      if (waitMs === undefined)
        return { state: 'failed', code, error: `${answer.problem}; given up after ${tries} tries` };
      const againMs = Math.max(Math.round(waitMs * (1 + 0.1 * random)), answer.retryAfterMs ?? 0);
      return { state: 'pending', code, error: answer.problem, againMs };
    }
  }
}
