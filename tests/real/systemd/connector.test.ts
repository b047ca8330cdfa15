import { exerciseReconciler } from '@berth/shared/testing/exercise-reconciler';
import { makeConnectorWorld } from '@berth/tunnel-worker/testing/connector-world';
import { lookUntil } from '@berth/tunnel-worker/testing/look-until';
import { wantGone } from '@berth/tunnel-worker/testing/stage-site';
import { afterAll, beforeAll, describe } from 'vitest';
import { openSystemdStage, type SystemdStage } from './systemd-stage.ts';

let stage: SystemdStage;
beforeAll(async () => {
  stage = await openSystemdStage();
});
afterAll(() => stage?.close());

async function makeWorld() {
  const site = await stage.addSite();
  const close = async () => {
    await wantGone(stage, site.site);
    await lookUntil(site.look);
  };
  return { ...makeConnectorWorld(stage, site), close };
}

describe('reconcileConnector on a real systemd', () => {
  exerciseReconciler({ makeWorld, maxLooks: 2000 });
});
