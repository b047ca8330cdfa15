import type { Environment } from '@berth/shared/runtime/config';
import type { ChosenProfile } from './choose-profile.ts';
import type { DemoPlace } from './place.ts';

interface DemoWorld {
  place: DemoPlace;
  databaseUrl: string;
  /** what points Berth at the simulators, and at what of this machine is used in their place */
  host: Environment;
  profile: ChosenProfile['name'];
  apiPort: number;
}

/** Cloudflare's enterprise accounts agree on limits of their own; the simulated one has hardly any. */
const ENTERPRISE_BUDGET = '1000000';

/** Simulated containers take next to none, so as many may be ordered as there are ports. */
const SIMULATED_MEMORY = '1t';

/** The environment that the demo's services get: the simulators' addresses, and waits short enough to watch. */
export function demoEnvironment({ place, databaseUrl, host, profile, apiPort }: DemoWorld): Environment {
  return {
    DATABASE_URL: databaseUrl,
    BERTH_SECRETS_KEY: place.secretsKey,
    HOST_ID: 'demo',
    HOST_MEMORY: SIMULATED_MEMORY,
    API_HOST: '127.0.0.1',
    API_PORT: String(apiPort),
    ZONE_SWEEP_SECONDS: '1',
    PORT_REST_SECONDS: '0',
    CHECK_INTERVAL_SECONDS: '10',
    SUPPORT_EMAIL: 'help@berth.example',
    EDGE_CHECK_SECONDS: '30',
    TRAFFIC_SECONDS: '10',
    REQUEST_LOG_SECONDS: '10',
    // The order system listens on this machine.
    WEBHOOK_ALLOW_PRIVATE: '127.0.0.1',
    // Simulated images take no room.
    IMAGE_MIN_FREE_BYTES: '0',
    LOG_LEVEL: 'info',
    ...(profile === 'enterprise' && { CF_BUDGET_PER_5_MIN: ENTERPRISE_BUDGET }),
    ...host,
  };
}
