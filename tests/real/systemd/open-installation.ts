import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type CloudflareSimulator, startCloudflare } from '@berth/simulators/cloudflare/start-cloudflare';
import { installStandIn } from '@berth/simulators/cloudflared/stand-in/install-stand-in';
import { buildServices } from '../../../scripts/build/build-services.ts';
import { type ServiceProcess, serviceProcess } from '../../support/service-process.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { startEngine } from '../engine/start-engine.ts';
import { forward } from './forward.ts';
import { NODE } from './start-host.ts';
import { IMAGE, startWorkHost, type WorkHost } from './work-host.ts';

/** What `npm run build` makes, with the central services here and each host a machine of its own; Cloudflare alone is simulated. */
export interface Installation {
  apiUrl: string;
  /** of the central services; also says where the edge is */
  environment: Record<string, string>;
  cloudflare: CloudflareSimulator;
  hosts: readonly WorkHost[];
  /** everything that the central services logged */
  logged(): string[];
  close(): Promise<void>;
}

interface InstallationOptions {
  databaseUrl: string;
  hosts: readonly string[];
  /** from a zone's creation until it's active; when absent only by control */
  activateAfterMs?: number;
  settings?: Record<string, string>;
}

const CENTRAL = ['api', 'domain-watcher', 'tunnel-worker'];
const API_PORT = '18480';
/** Where the hosts, on Docker's usual network, reach the tests. */
const GATEWAY = '10.98.0.1';

/** Opens one; nothing of it is left after `close`. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { databaseUrl, settings = {} } = options;
  const engine = await startEngine({ flags: [`--bip=${GATEWAY}/24`] });
  const at = (name: string) => path.join(engine.dir, name);
  const cloudflare = await startCloudflare({
    profile: 'enterprise',
    activateAfterMs: options.activateAfterMs ?? null,
    connectorHost: GATEWAY,
  });
  await installStandIn({ dir: at('stand-in'), edge: cloudflare.connectorAddress, node: NODE });
  await buildServices(at('built'));
  const common = { BERTH_SECRETS_KEY: randomBytes(32).toString('base64'), ...settings };
  const environment = { ...common, ...centralSettings(databaseUrl, cloudflare) };
  const central = CENTRAL.map((name) => serviceProcess(name, path.join(at('built'), `${name}.js`), environment));
  // They migrate the database, one after the other does nothing.
  for (const service of central) await service.start();
  const database = new URL(databaseUrl);
  const way = await forward(GATEWAY, Number(database.port));
  database.host = `${GATEWAY}:${way.port}`;
  const builtDir = at('built');
  const standInDir = at('stand-in');
  const start = (id: string) =>
    startWorkHost(engine, { id, builtDir, standInDir, environment: { ...common, DATABASE_URL: database.href } });
  await importSiteImages(engine.docker, IMAGE);
  const hosts = await Promise.all(options.hosts.map(start));
  return {
    apiUrl: `http://127.0.0.1:${API_PORT}`,
    environment,
    cloudflare,
    hosts,
    logged: () => central.flatMap(({ lines }: ServiceProcess) => lines),
    async close() {
      await Promise.all(central.map((service) => service.stop()));
      await Promise.all(hosts.map((host) => host.kill()));
      await way.close();
      await engine.stop();
      await cloudflare.stop();
    },
  };
}

function centralSettings(databaseUrl: string, cloudflare: CloudflareSimulator): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    API_PORT,
    TUNNEL_ROOMS: 'edge',
    ZONE_SWEEP_SECONDS: '1',
    PORT_REST_SECONDS: '0',
    CF_API_BASE_URL: cloudflare.apiUrl,
    CF_API_TOKEN: cloudflare.apiToken,
    CF_ACCOUNT_ID: cloudflare.accountId,
    CF_BUDGET_PER_5_MIN: '1000000',
    EDGE_ADDRESS: cloudflare.edgeAddress,
    EDGE_CA_FILE: cloudflare.edgeCaFile,
    DNS_RESOLVER: cloudflare.dnsAddress,
  };
}
