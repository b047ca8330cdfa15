import { runWorkerService } from '@berth/shared/runtime/run-worker-service';
import { parseContainerWorkerConfig } from './config.ts';
import { startContainerWorker } from './start.ts';

await runWorkerService('container-worker', process.env, parseContainerWorkerConfig, startContainerWorker);
