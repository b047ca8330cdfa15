import { runWorkerService } from '@berth/shared/runtime/run-worker-service';
import { parseApiConfig } from './config.ts';
import { startApi } from './start.ts';

await runWorkerService('api', process.env, parseApiConfig, startApi);
