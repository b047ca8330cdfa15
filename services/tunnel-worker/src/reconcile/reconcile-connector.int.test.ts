import { exerciseReconciler } from '@berth/shared/testing/exercise-reconciler';
import { afterAll, beforeAll, describe } from 'vitest';
import { makeConnectorStand } from '../testing/connector-stand.ts';
import { makeConnectorWorld } from '../testing/connector-world.ts';
import { openStage, type Stage } from '../testing/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function makeWorld() {
  const stand = await makeConnectorStand(stage);
  return { ...makeConnectorWorld(stage, stand), close: async () => stand.host.stop() };
}

describe('reconcileConnector', () => {
  exerciseReconciler({ makeWorld, maxLooks: 300 });
});
