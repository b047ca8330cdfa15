import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Registry, type SimulatedRecord } from '../dns/registry.ts';
import { startDns } from '../dns/start-dns.ts';
import { makeCertificateAuthority } from '../edge/certificate-authority.ts';
import { serveConnectors } from '../edge/serve-connectors.ts';
import { startEdge } from '../edge/start-edge.ts';
import type { TunnelEdge } from '../edge/tunnel-link.ts';
import { Account, type AccountSnapshot } from './account.ts';
import { CallLog } from './call-log.ts';
import { type CloudflareControl, makeControl } from './control.ts';
import { makeControlServer } from './control-over-http.ts';
import { Misbehaviours } from './misbehaviour.ts';
import { permissions as everything, type Permission } from './permissions.ts';
import { type Profile, profiles } from './profile.ts';
import { RateLimit } from './rate-limit.ts';
import { makeApiServer } from './serve-api.ts';

export interface CloudflareOptions {
  profile: Profile['name'];
  /** default: free ones */
  port?: number;
  edgePort?: number;
  accountId?: string;
  apiToken?: string;
  /** default: all */
  permissions?: readonly Permission[];
  /** a zone that was made goes active by itself after this time; null, the default: only when told */
  activateAfterMs?: number | null;
  /** from a zone's activation until the edge has its certificate; default 0 */
  certificateAfterMs?: number;
  /** the address at which connectors of other processes may register; default: none may */
  connectorHost?: string;
  /** where state outlives the process, and where the edge's root certificate is written; default: nothing outlives it */
  dataDir?: string;
}

export interface CloudflareSimulator {
  /** as `CF_API_BASE_URL` wants it */
  apiUrl: string;
  apiToken: string;
  accountId: string;
  /** as `EDGE_ADDRESS` wants it */
  edgeAddress: string;
  edgeCaFile: string;
  edge: TunnelEdge;
  /** as `DNS_RESOLVER` wants it: the world's DNS, where active zones are delegated to Cloudflare */
  dnsAddress: string;
  /** as a stand-in's `TUNNEL_EDGE` wants it; '' unless `connectorHost` was given */
  connectorAddress: string;
  control: CloudflareControl;
  /** for `makeCloudflareControl` in other processes */
  controlUrl: string;
  stop(): Promise<void>;
}

const ACCOUNT_ID = '5e1d000000000000000000000000beef';
const API_TOKEN = 'simulated-token-0123456789abcdefghijklmn';
/** Starts Cloudflare's API, its edge and the control, all on 127.0.0.1. @throws the system's error when a port is taken */
export async function startCloudflare(options: CloudflareOptions): Promise<CloudflareSimulator> {
  const { accountId = ACCOUNT_ID, apiToken = API_TOKEN, permissions = everything, dataDir } = options;
  const profile = profiles[options.profile];
  const dir = dataDir ?? mkdtempSync(path.join(tmpdir(), 'berth-edge-'));
  mkdirSync(dir, { recursive: true });
  const keeper =
    dataDir === undefined ? undefined : makeKeeper(path.join(dataDir, 'cloudflare.json'), () => account.snapshot());
  const account: Account = new Account({
    id: accountId,
    profile,
    permissions: new Set(permissions),
    activateAfterMs: options.activateAfterMs ?? null,
    certificateAfterMs: options.certificateAfterMs ?? 0,
    from: keeper?.read(),
    onChange: () => keeper?.later(),
  });
  const authority = await makeCertificateAuthority();
  const edgeCaFile = path.join(dir, 'edge-ca.pem');
  writeFileSync(edgeCaFile, authority.rootPem);
  const misbehaviours = new Misbehaviours();
  const calls = new CallLog();
  const limit = new RateLimit(profile.requestsPer5Minutes);
  const api = makeApiServer({ account, apiToken, limit, misbehaviours, calls });
  const edge = await startEdge(account, authority, options.edgePort ?? 0);
  const { connectorHost } = options;
  const door = connectorHost === undefined ? undefined : await serveConnectors(edge.tunnels, { host: connectorHost });
  const registry = new Registry(
    (domain) => delegatedTo(account, domain),
    (name) => recordsAt(account, name),
  );
  const dns = await startDns(registry);
  const control = makeControl({ account, edge, misbehaviours, calls, registry: dns.registry });
  const controlServer = makeControlServer(control);
  const port = await listen(api, options.port ?? 0);
  const controlPort = await listen(controlServer, 0);
  return {
    apiUrl: `http://127.0.0.1:${port}/client/v4`,
    apiToken,
    accountId,
    edgeAddress: `127.0.0.1:${edge.port}`,
    edgeCaFile,
    edge: edge.tunnels,
    dnsAddress: dns.address,
    connectorAddress: door ? `${connectorHost}:${door.port}` : '',
    control,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    async stop() {
      account.stop();
      await Promise.all([close(api), close(controlServer), edge.stop(), door?.stop(), dns.stop()]);
      keeper?.now();
      if (dataDir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A zone is only active because its domain is delegated to it. */
function delegatedTo(account: Account, domain: string): string[] | undefined {
  const zone = account.zoneNamed(domain);
  return zone?.status === 'active' ? zone.nameServers : undefined;
}

/** What the present name servers of a domain say: the zone's own once it is active. */
function recordsAt(account: Account, name: string): SimulatedRecord[] {
  const zone = account.zoneOf(name);
  const former = [account.formerRecords, account.unscannedRecords].flatMap((known) => [...known.values()].flat());
  const all = (zone?.status === 'active' ? zone.recordsAt(name) : former) as unknown as SimulatedRecord[];
  return all.filter((record) => record.name === name);
}

/** Writes the state down soon after it has changed, whole or not at all. */
function makeKeeper(file: string, snapshot: () => AccountSnapshot) {
  let timer: NodeJS.Timeout | undefined;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    writeFileSync(`${file}.draft`, JSON.stringify(snapshot()));
    renameSync(`${file}.draft`, file);
  };
  return {
    now,
    later() {
      timer ??= setTimeout(now, 100).unref();
    },
    read(): AccountSnapshot | undefined {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as AccountSnapshot;
      } catch {
        return undefined;
      }
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
