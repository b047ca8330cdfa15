import { z } from 'zod';
import { standaloneSettings } from '../../apps/standalone/src/config.ts';
import { apiSettings } from '../../services/api/src/config.ts';
import { containerWorkerSettings } from '../../services/container-worker/src/config.ts';
import { domainWatcherSettings } from '../../services/domain-watcher/src/config.ts';
import { healthWorkerSettings } from '../../services/health-worker/src/config.ts';
import { notifierSettings } from '../../services/notifier/src/config.ts';
import { edgeRoomSettings, tunnelWorkerSettings } from '../../services/tunnel-worker/src/config.ts';

const services: readonly [name: string, settings: z.ZodObject][] = [
  ['npm start', standaloneSettings],
  ['api', apiSettings],
  ['domain-watcher', domainWatcherSettings],
  ['container-worker', containerWorkerSettings],
  ['health-worker', healthWorkerSettings],
  ['tunnel-worker', tunnelWorkerSettings],
  ['tunnel-worker (edge)', edgeRoomSettings],
  ['notifier', notifierSettings],
];

interface Setting {
  name: string;
  description: string;
  /** undefined: it must be given */
  otherwise: string | undefined;
  readBy: string[];
}

/** The page of all settings, in Markdown. */
export function configurationPage(): string {
  const settings = collect();
  const required = settings.filter(({ otherwise }) => otherwise === undefined);
  const optional = settings.filter(({ otherwise }) => otherwise !== undefined);
  return `# Configuration

Everything is set by environment variables, read once when a process starts; \`npm start\` reads those of all services. A process that misses one, or can't
read one, names all of them at once and ends with status 78. \`NAME_FILE\` may stand for any \`NAME\`: the value is then read from that file. An empty value
counts as not given.

This page is made from the services' own schemas by \`npm run docs\`.

## Required

| variable | what it is | read by |
| --- | --- | --- |
${required.map(({ name, description, readBy }) => `| \`${name}\` | ${description} | ${readBy.join(', ')} |`).join('\n')}

## Optional

| variable | what it is | default | read by |
| --- | --- | --- | --- |
${optional.map(({ name, description, otherwise, readBy }) => `| \`${name}\` | ${description} | ${otherwise} | ${readBy.join(', ')} |`).join('\n')}
`;
}

function collect(): Setting[] {
  const found = new Map<string, Setting>();
  for (const [service, settings] of services) {
    for (const [name, schema] of Object.entries(settings.shape)) {
      const known = found.get(name);
      const otherwise = defaultOf(schema);
      if (!known) found.set(name, { name, description: describe(name, schema), otherwise, readBy: [service] });
      else {
        known.readBy.push(service);
        // What one service must have is required, although another can do without.
        if (otherwise === undefined) known.otherwise = undefined;
      }
    }
  }
  const all = services.length - 1;
  for (const setting of found.values()) {
    if (setting.readBy.filter((name) => !name.includes('(')).length === all) setting.readBy = ['all'];
  }
  return [...found.values()];
}

function describe(name: string, schema: z.ZodType): string {
  const description = schema.meta()?.description ?? inner(schema)?.meta()?.description;
  if (description === undefined) throw new Error(`the setting ${name} has no description`);
  return description;
}

function inner(schema: z.ZodType): z.ZodType | undefined {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : undefined;
}

/** What counts when nothing is given; undefined when something must be. */
function defaultOf(schema: z.ZodType): string | undefined {
  const said = schema.meta()?.default;
  if (typeof said === 'string') return said;
  if (schema instanceof z.ZodPipe) return defaultOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodOptional) return '–';
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value = schema.def.defaultValue;
  return value === '' ? '–' : `\`${String(value)}\``;
}
