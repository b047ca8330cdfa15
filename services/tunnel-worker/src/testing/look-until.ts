import type { Outcome } from '@berth/shared/domain/outcome';

const LOOKS = 300;
/** So long it looks at least: on a busy machine the outside needs more looks, and longer. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 15;

/**
 * Looks again and again, as the loop does.
 * @param reason until the outcome says so; without one until it's settled or gone
 * @throws what a look throws, and when it never comes to it
 */
export async function lookUntil(look: () => Promise<Outcome>, reason?: string): Promise<Outcome> {
  const reasons = new Set<string>();
  const deadline = performance.now() + PATIENCE_MS;
  for (let looks = 0; looks < LOOKS || performance.now() < deadline; looks += 1) {
    const outcome = await look();
    if (reason === undefined ? outcome.kind !== 'again' : outcome.reason === reason) return outcome;
    reasons.add(outcome.reason);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(
    `not ${reason ?? 'settled'} after ${PATIENCE_MS / 1000} s and ${LOOKS} looks: ${[...reasons].join(', ')}`,
  );
}
