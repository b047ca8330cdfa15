import { parseApiConfig } from '@berth/api/config';
import { parseContainerWorkerConfig } from '@berth/container-worker/config';
import { parseDomainWatcherConfig } from '@berth/domain-watcher/config';
import { parseHealthWorkerConfig } from '@berth/health-worker/config';
import { parseNotifierConfig } from '@berth/notifier/config';
import { ConfigError, commonSettings, type Environment, parseConfig } from '@berth/shared/runtime/config';
import { parseTunnelWorkerConfig } from '@berth/tunnel-worker/config';
import { z } from 'zod';

/** The settings of a process with all services; each of them has its own beside these. */
export const standaloneSettings = z.object(commonSettings);

/** The settings of a process that runs all the services. */
export interface StandaloneConfig {
  process: z.output<typeof standaloneSettings>;
  api: ReturnType<typeof parseApiConfig>;
  domainWatcher: ReturnType<typeof parseDomainWatcherConfig>;
  containerWorker: ReturnType<typeof parseContainerWorkerConfig>;
  healthWorker: ReturnType<typeof parseHealthWorkerConfig>;
  tunnelWorker: ReturnType<typeof parseTunnelWorkerConfig>;
  notifier: ReturnType<typeof parseNotifierConfig>;
}

/**
 * Parses every service's settings from one environment.
 * @throws ConfigError with the problems of all of them, each variable once
 */
export function parseStandaloneConfig(environment: Environment): StandaloneConfig {
  const problems = new Set<string>();
  const collect = <T>(parse: (environment: Environment) => T): T | undefined => {
    try {
      return parse(environment);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const line of error.problems) problems.add(line);
      return undefined;
    }
  };
  const config = {
    process: collect((env) => parseConfig(standaloneSettings, env)),
    api: collect(parseApiConfig),
    domainWatcher: collect(parseDomainWatcherConfig),
    containerWorker: collect(parseContainerWorkerConfig),
    healthWorker: collect(parseHealthWorkerConfig),
    tunnelWorker: collect(parseTunnelWorkerConfig),
    notifier: collect(parseNotifierConfig),
  };
  if (problems.size > 0 || !isComplete(config)) throw new ConfigError([...problems].sort());
  return config;
}

function isComplete(
  config: { [Part in keyof StandaloneConfig]: StandaloneConfig[Part] | undefined },
): config is StandaloneConfig {
  return Object.values(config).every((part) => part !== undefined);
}
