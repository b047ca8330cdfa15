import { runWorkerService } from '@berth/shared/runtime/run-worker-service';
import { parseNotifierConfig } from './config.ts';
import { startNotifier } from './start.ts';

await runWorkerService('notifier', process.env, parseNotifierConfig, startNotifier);
