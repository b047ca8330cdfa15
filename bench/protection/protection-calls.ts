import type { Pipeline } from '../pipeline/open-pipeline.ts';

/** Calls to Cloudflare about rules and Access since they were cleared; others go on beside them. */
export async function countProtectionCalls({ cloudflare }: Pipeline): Promise<number> {
  const calls = await cloudflare.control.calls();
  return calls.filter(({ path }) => /\/(?:access|rulesets)(?:\/|\?|$)/.test(path)).length;
}
