import { runWorkerService } from '@berth/shared/runtime/run-worker-service';
import { parseDomainWatcherConfig } from './config.ts';
import { startDomainWatcher } from './start.ts';

await runWorkerService('domain-watcher', process.env, parseDomainWatcherConfig, startDomainWatcher);
