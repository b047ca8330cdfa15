import { findFreePort, isPortTaken } from '@berth/embedded-postgres/free-port';
import { startPostgres } from '@berth/embedded-postgres/start-postgres';
import { aspectNames } from '@berth/shared/domain/aspects';
import type { Context } from '@berth/shared/runtime/context';
import { makeLog } from '@berth/shared/runtime/log';
import { modelsOf } from '@berth/shared/store/models';
import { startSimulators } from '@berth/simulators/start-simulators';
import { parseStandaloneConfig } from '../config.ts';
import { type StandaloneServices, startStandalone } from '../start.ts';
import type { ChosenProfile } from './choose-profile.ts';
import type { Ending } from './ending.ts';
import { demoEnvironment } from './environment.ts';
import type { Edge } from './fetch-through-edge.ts';
import { keepApiKey } from './keep-api-key.ts';
import { makeLinkFor } from './link-for.ts';
import { openLogFile } from './open-log-file.ts';
import type { DemoPlace } from './place.ts';
import { useRealParts } from './real/use-parts.ts';
import { receiveMails } from './receive-mails.ts';
import type { Terminal } from './terminal.ts';

/** Everything that runs, as those outside of it see it. */
export interface World {
  apiUrl: string;
  databaseUrl: string;
  edge: Edge;
  /** of the order system: may order and read */
  orderSystemKey: string;
  /** may do everything, also see the queues */
  operatorKey: string;
  /** Says that a domain has mail at its present provider, which is to be taken over. @param domain in ASCII */
  giveMail(domain: string): Promise<void>;
  /** @returns a link that signs somebody in, once, as they would find it in a mail */
  linkFor(who: 'operator' | { customer: string }): Promise<string>;
}

interface Start {
  place: DemoPlace;
  profile: ChosenProfile['name'];
  /** whether this machine's Docker and systemd are used where they are */
  real: boolean;
  terminal: Terminal;
  ending: Ending;
  signal: AbortSignal;
}

const LOOPBACK = '127.0.0.1';
const USUAL_API_PORT = 8080;
const DRAIN_MS = 3000;
/** A registrar and Cloudflare take minutes to hours for what takes this long here. */
const ACTIVATE_AFTER_MS = 3000;
const PULL_MS = 400;

/** Starts Postgres, then the simulators, then all services; each part is noted for its end before the next one starts. */
export async function startWorld({ place, profile, real, terminal, ending, signal }: Start): Promise<World> {
  const database = await startDatabase(place, terminal, ending);
  signal.throwIfAborted();
  const simulators = await startSimulators({
    dir: place.simulators,
    profile,
    host: 'demo',
    persist: true,
    activateAfterMs: ACTIVATE_AFTER_MS,
    pullMs: PULL_MS,
    ...(real && { connectorHost: LOOPBACK }),
  });
  ending.add('the simulators', () => simulators.stop());
  const all = ', Docker, systemd, cloudflared';
  terminal.step('simulators', 'done', `Cloudflare and its edge${real ? '' : all}`);
  signal.throwIfAborted();
  const { connectorAddress } = simulators.cloudflare;
  const { goesOn } = place;
  const found = { goesOn, connectorAddress, environment: process.env, terminal, ending };
  const machine = real ? await useRealParts(found) : {};
  signal.throwIfAborted();
  const environment = demoEnvironment({
    place,
    databaseUrl: database.url,
    host: { ...simulators.env, ...machine, ...(await receiveMails(terminal, ending)) },
    profile,
    apiPort: await chooseApiPort(terminal),
  });
  const services = await startServices(environment, place, ending);
  if (place.goesOn) await lookAtEverything(services.context);
  terminal.step('services', 'done', `the API listens at ${services.apiUrl}`);
  signal.throwIfAborted();
  const { db } = services.context;
  return {
    apiUrl: services.apiUrl,
    databaseUrl: database.url,
    edge: { address: simulators.env.EDGE_ADDRESS, caFile: simulators.env.EDGE_CA_FILE },
    orderSystemKey: await keepApiKey(db, place.apiKeys.orderSystem, {
      name: 'demo: order system',
      scopes: ['orders:write', 'sites:read'],
    }),
    operatorKey: await keepApiKey(db, place.apiKeys.operator, { name: 'demo: operator', scopes: ['admin'] }),
    giveMail: (domain) => simulators.cloudflare.control.setFormerRecords(domain, mailOf(domain)),
    linkFor: makeLinkFor(db, services.apiUrl),
  };
}

/** What most providers of mail have their customers' domains say. */
function mailOf(domain: string): Record<string, unknown>[] {
  return [
    { type: 'MX', name: domain, content: 'mx.former-provider.example', priority: 10, ttl: 3600 },
    { type: 'TXT', name: domain, content: '"v=spf1 include:former-provider.example -all"', ttl: 3600 },
    { type: 'TXT', name: `_dmarc.${domain}`, content: '"v=DMARC1; p=none"', ttl: 3600 },
    { type: 'CNAME', name: `autodiscover.${domain}`, content: 'autodiscover.former-provider.example', ttl: 3600 },
  ];
}

/**
 * Has all that is thought to be there looked at once: since the last demo another program may have taken a container's port, and
 * simulators that were killed lose what they hadn't written yet, which a real Cloudflare or Docker does not.
 */
async function lookAtEverything({ db, protocol, hints }: Context): Promise<void> {
  const sites = await modelsOf(db).site.findMany({ where: { goneAt: null }, select: { id: true } });
  for (const { id } of sites) hints.send(await protocol.wake(id, aspectNames));
}

async function startDatabase(place: DemoPlace, terminal: Terminal, ending: Ending) {
  const starting = startPostgres({
    dir: place.postgres,
    log: (line) => terminal.step('Postgres', 'note', line),
  });
  ending.add('Postgres', async () => (await starting.catch(() => undefined))?.stop(), { outlives: true });
  const database = await starting;
  const how = database.reused ? 'taken over from a demo that was killed' : 'started';
  terminal.step('Postgres', 'done', `${how}, on port ${database.port}, data in ${database.dir}`);
  return database;
}

async function chooseApiPort(terminal: Terminal): Promise<number> {
  if (!(await isPortTaken(USUAL_API_PORT))) return USUAL_API_PORT;
  const port = await findFreePort();
  terminal.step('services', 'note', `port ${USUAL_API_PORT} is taken by another program; the API takes ${port}`);
  return port;
}

async function startServices(
  environment: ReturnType<typeof demoEnvironment>,
  place: DemoPlace,
  ending: Ending,
): Promise<StandaloneServices> {
  const file = openLogFile(place.logFile);
  ending.add('the log', file.close);
  const config = parseStandaloneConfig(environment);
  const services = await startStandalone(config, makeLog('demo', config.process.LOG_LEVEL, file));
  ending.add('the services', async () => {
    await Promise.all(services.running.map((one) => one.drain(DRAIN_MS)));
    await services.close();
  });
  return services;
}
