import { makeLog } from '@berth/shared/runtime/log';
import { runService } from '@berth/shared/runtime/run-service';
import { parseStandaloneConfig } from './config.ts';
import { startStandalone } from './start.ts';

await runService(process.env, {
  name: 'standalone',
  configure: parseStandaloneConfig,
  makeLog: (config) => makeLog('standalone', config.process.LOG_LEVEL),
  start: startStandalone,
});
