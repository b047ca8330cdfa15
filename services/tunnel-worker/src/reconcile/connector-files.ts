import path from 'node:path';
import { configFileName, credentialsFileName, unitDropInDir, unitName } from '@berth/shared/domain/names';
import { type ConnectorInputs, PROOF_PATHS, proofPath, proofToken } from '@berth/shared/domain/proof';
import { stringify } from 'yaml';

/** Where a host keeps the connectors' files. */
export interface HostPaths {
  configDir: string;
  unitDir: string;
  cloudflared: string;
}

/** A file that must be there with exactly this content. */
export interface WantedFile {
  path: string;
  content: string;
  mode: number;
}

/** All files of one connector. */
export interface ConnectorFiles {
  credentials: WantedFile;
  config: WantedFile;
  unit: WantedFile;
  dropIn: WantedFile;
}

/** What a connector is made from. */
export interface ConnectorSpec extends ConnectorInputs {
  siteKey: string;
  accountId: string;
  /** the site's secret for the proof */
  proofSecret: string;
}

/** The paths of one connector's own files: what must be absent after it has left. */
export function connectorPaths(siteKey: string, { configDir, unitDir }: HostPaths) {
  return {
    credentials: path.join(configDir, credentialsFileName(siteKey)),
    config: path.join(configDir, configFileName(siteKey)),
    unit: path.join(unitDir, unitName(siteKey)),
    dropIn: path.join(unitDir, unitDropInDir, '50-berth.conf'),
  };
}

/** The files that a connector needs, with their contents. */
export function connectorFiles(spec: ConnectorSpec, paths: HostPaths): ConnectorFiles {
  const at = connectorPaths(spec.siteKey, paths);
  return {
    credentials: { path: at.credentials, content: credentialsJson(spec), mode: 0o600 },
    config: { path: at.config, content: configYaml(spec, paths.configDir), mode: 0o644 },
    unit: { path: at.unit, content: unitText(spec.siteKey, at, paths.cloudflared), mode: 0o644 },
    dropIn: { path: at.dropIn, content: HARDENING, mode: 0o644 },
  };
}

function credentialsJson({ accountId, tunnelId, tunnelSecret }: ConnectorSpec): string {
  return `${JSON.stringify({ AccountTag: accountId, TunnelSecret: tunnelSecret, TunnelID: tunnelId, Endpoint: '' })}\n`;
}

/**
 * The proof rules stand before the seed's; `metrics` is where what runs is read from. Whoever asks for another proof, because of a
 * configuration that this one follows or goes before, is answered here too: what shows Berth to Access comes to no container.
 */
function configYaml(spec: ConnectorSpec, configDir: string): string {
  const service = `http://localhost:${spec.port}`;
  const beginsWith = (start: string) => `^${start.replaceAll('.', '\\.')}`;
  const proof = `${beginsWith(proofPath(proofToken(spec, spec.proofSecret)))}$`;
  return stringify(
    {
      tunnel: spec.tunnelId,
      'credentials-file': path.join(configDir, `${spec.tunnelId}.json`),
      metrics: spec.metricsAddress,
      'no-autoupdate': true,
      'grace-period': '10s',
      ingress: [
        ...spec.hostnames.map((hostname) => ({ hostname, path: proof, service: 'http_status:204' })),
        ...spec.hostnames.map((hostname) => ({ hostname, path: beginsWith(PROOF_PATHS), service: 'http_status:404' })),
        ...spec.hostnames.map((hostname) => ({ hostname, service })),
        { service: 'http_status:404' },
      ],
    },
    { lineWidth: 0 },
  );
}

/**
 * The unit never changes for a site, so that it never needs a reload: what changes lies in the files that are copied for it at each start.
 * Copied, not loaded as credentials: those are a mount each, all of which every start of any unit takes away one by one (ADR 0003).
 */
function unitText(siteKey: string, at: { config: string; credentials: string }, cloudflared: string): string {
  const name = path.basename(unitName(siteKey), '.service');
  const copies = `%t/${name}`;
  return `[Unit]
Description=Cloudflare Tunnel for Customer ${siteKey}
After=network.target
StartLimitIntervalSec=0

[Service]
Type=notify
RuntimeDirectory=${name}
RuntimeDirectoryMode=0700
ExecStartPre=+/usr/bin/install -m 0444 ${at.config} ${at.credentials} ${copies}/
ExecStart=${cloudflared} tunnel --no-autoupdate --config ${copies}/${path.basename(at.config)} --credentials-file ${copies}/${path.basename(at.credentials)} run
Restart=always
RestartSec=1
TimeoutStartSec=300
TimeoutStopSec=35

[Install]
WantedBy=multi-user.target
`;
}

/** For the connectors of all sites, by systemd's prefix drop-in. */
const HARDENING = `# Written by Berth.
[Service]
DynamicUser=yes
MemoryMax=128M
TasksMax=64
CPUQuota=50%
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=
UMask=0077
RemoveIPC=yes
`;
