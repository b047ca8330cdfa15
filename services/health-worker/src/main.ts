import { runWorkerService } from '@berth/shared/runtime/run-worker-service';
import { parseHealthWorkerConfig } from './config.ts';
import { startHealthWorker } from './start.ts';

await runWorkerService('health-worker', process.env, parseHealthWorkerConfig, startHealthWorker);
