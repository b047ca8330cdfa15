import type { Environment } from '@berth/shared/runtime/config';
import type { DemoPlace } from './place.ts';

interface DemoWorld {
  place: DemoPlace;
  databaseUrl: string;
  /** what points Berth at the simulators */
  simulators: Environment;
  apiPort: number;
}

/** The environment that the demo's services get: the simulators' addresses, and waits short enough to watch. */
export function demoEnvironment({ place, databaseUrl, simulators, apiPort }: DemoWorld): Environment {
  return {
    DATABASE_URL: databaseUrl,
    BERTH_SECRETS_KEY: place.secretsKey,
    HOST_ID: 'demo',
    API_HOST: '127.0.0.1',
    API_PORT: String(apiPort),
    ZONE_SWEEP_SECONDS: '1',
    PORT_REST_SECONDS: '0',
    LOG_LEVEL: 'info',
    ...simulators,
  };
}
