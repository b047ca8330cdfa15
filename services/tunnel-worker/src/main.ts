import { runWorkerService } from '@berth/shared/runtime/run-worker-service';
import { parseTunnelWorkerConfig } from './config.ts';
import { startTunnelWorker } from './start.ts';

await runWorkerService('tunnel-worker', process.env, parseTunnelWorkerConfig, startTunnelWorker);
