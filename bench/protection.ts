import { openPipeline } from './pipeline/open-pipeline.ts';
import { measureChanges } from './protection/measure-changes.ts';
import { measureDrift, SITES } from './protection/measure-drift.ts';
import type { Benchmark, Row } from './rows.ts';

/** Changes of what protects a site, and how it is seen that somebody else made them. */
export const protection: Benchmark = {
  name: 'protection',
  about: `calls and time of a change of what protects a site, and ${SITES} protected sites looked at (simulators)`,
  parts: { changes: measured(measureChanges), drift: measured(measureDrift) },
  async measure(say) {
    return [...(await measured(measureChanges)(say)), ...(await measured(measureDrift)(say))];
  },
};

function measured(measure: typeof measureChanges): (say: (line: string) => void) => Promise<Row[]> {
  return async (say) => {
    const world = await openPipeline();
    try {
      return await measure(world, say);
    } finally {
      await world.close();
    }
  };
}
