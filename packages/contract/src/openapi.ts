import { z } from 'zod';
import { problem } from './problem.ts';
import { type Route, routes } from './routes.ts';
import { webhookEvents } from './webhook-events.ts';

type Json = Record<string, unknown>;

/** The API's description, OpenAPI 3.1, made from the table of routes. @param isShown all of them when not given */
export function makeOpenApi(version: string, isShown: (route: Route) => boolean = () => true): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    if (!isShown(route)) continue;
    const path = paths[route.path] ?? {};
    path[route.method] = toOperation(name, route, components);
    paths[route.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Berth', version, description: 'From a paid order to a live website.' },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths,
    webhooks: Object.fromEntries(
      Object.entries(webhookEvents).map(([type, schema]) => [type, toWebhook(schema, components)]),
    ),
    components: {
      schemas: components,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'berth.session_token' },
      },
    },
  };
}

function toOperation(name: string, route: Route, components: Json): Json {
  const errors = [...new Set([400, 401, 403, 404, ...(route.errors ?? [])])].sort();
  const answer = {
    description: 'done',
    content: { 'application/json': { schema: toSchema(route.answer, 'output', components) } },
  };
  const refusal = {
    description: 'refused',
    content: { 'application/problem+json': { schema: toSchema(problem, 'output', components) } },
  };
  return {
    operationId: name,
    summary: route.summary,
    tags: [tagOf(route.path)],
    description: sayWho(route),
    parameters: [...pathParameters(route.path), ...queryParameters(route, components), ...headerParameters(route)],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toSchema(route.body, 'input', components) } },
      },
    }),
    responses: { [route.status]: answer, ...Object.fromEntries(errors.map((status) => [status, refusal])) },
  };
}

const CUSTOMERS: Record<Route['customers'], string> = {
  nothing: 'Not for customers.',
  own: "Customers may do this with what is theirs; the answer then leaves out what is the operators' alone.",
  listed: 'Customers get what is theirs.',
  self: 'For everybody who has signed in.',
  anybody: 'For anybody.',
};

function sayWho({ scopes, customers }: Route): string {
  const keys = `Takes a key with the scope ${scopes.join(' or ')}, or a role that allows it.`;
  return [...(scopes.length > 0 ? [keys] : []), CUSTOMERS[customers]].join(' ');
}

function toWebhook(schema: z.ZodType, components: Json): Json {
  return {
    post: {
      tags: ['webhooks'],
      summary: schema.meta()?.description,
      requestBody: { content: { 'application/json': { schema: toSchema(schema, 'output', components) } } },
      responses: { '2XX': { description: 'taken; anything else is tried again' } },
    },
  };
}

/** `/v1/sites/{key}/events` belongs to `sites`. */
function tagOf(path: string): string {
  return path.split('/')[2] ?? '';
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route, components: Json): Json[] {
  if (!query) return [];
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: toSchema(schema as z.ZodType, 'input', components),
  }));
}

function headerParameters({ idempotent, ifMatch }: Route): Json[] {
  const text = (name: string) => ({
    name,
    in: 'header',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  });
  return [...(idempotent ? [text('Idempotency-Key')] : []), ...(ifMatch ? [text('If-Match')] : [])];
}

/** A zod schema as JSON Schema; those with an id become components, once each. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...made
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Json };
  for (const [id, part] of Object.entries($defs)) components[id] ??= repoint(part as Json);
  const own = repoint(made);
  const id = schema.meta()?.id;
  if (!id) return own;
  components[id] ??= own;
  return { $ref: `#/components/schemas/${id}` };
}

function repoint(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/$defs/', '#/components/schemas/')) as Json;
}
