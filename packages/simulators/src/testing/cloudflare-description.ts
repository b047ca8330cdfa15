import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { ApiAnswer, Envelope } from './assert-envelope.ts';

/** Where an answer that was captured from the real service differs from what describes it. */
export interface Exception {
  /** openapi: Cloudflare's published file; sdk: the types of its SDK */
  description: 'openapi' | 'sdk';
  /** the place in the answer; of a list it's meant in every entry */
  at: string;
  /** what the real service answers there */
  live: unknown;
  /** what the description would have there; undefined: nothing */
  reads: unknown;
  reason: string;
}

interface Operation {
  responses?: { 200?: { content?: { 'application/json'?: { schema?: object } } } };
  'x-sdk'?: { result?: object };
}

/** Cloudflare's own description of its calls. */
export interface Description {
  /** How an answer differs from what is described, in ajv's words; empty when it does not. `template` is the path with its `{names}`. */
  differences(method: string, template: string, answer: ApiAnswer): string[];
  /** The exceptions that no answer so far needed. */
  unneeded(): Exception[];
}

/** Opens the description in `file`. @throws the system's error when it can't be read */
export function openDescription(file: string, exceptions: readonly Exception[]): Description {
  const description = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, Record<string, Operation>> };
  const ajv = new Ajv({ strict: false, allErrors: false, validateSchema: false });
  formats.default(ajv);
  ajv.addSchema(description, 'cloudflare');
  const compiled = new Map<string, ValidateFunction>();
  const needed = new Set<Exception>();

  function validatorAt(pointer: string): ValidateFunction {
    const known = compiled.get(pointer);
    if (known) return known;
    const made = ajv.compile({ $ref: `cloudflare#${pointer}` });
    compiled.set(pointer, made);
    return made;
  }

  function differencesFrom(by: Exception['description'], pointer: string, body: Envelope): string[] {
    const validate = validatorAt(pointer);
    const own = exceptions.filter((exception) => exception.description === by);
    const holds = (allowed: readonly Exception[]): boolean => {
      const amended = allowed.reduce(amend, structuredClone(body));
      return validate(by === 'sdk' ? amended.result : amended);
    };
    if (holds([])) return [];
    if (!holds(own)) return [`${by}: ${ajv.errorsText(validate.errors)}`];
    for (const one of own) if (!holds(own.filter((other) => other !== one))) needed.add(one);
    return [];
  }

  return {
    differences(method, template, { body }) {
      const operation = description.paths[template]?.[method.toLowerCase()];
      if (!operation) return [`${method} ${template} is not described`];
      const base = `/paths/${encodeURIComponent(toPointerPart(template))}/${method.toLowerCase()}`;
      const found: string[] = [];
      if (operation.responses?.['200']?.content?.['application/json']?.schema) {
        found.push(...differencesFrom('openapi', `${base}/responses/200/content/application~1json/schema`, body));
      }
      if (operation['x-sdk']?.result) {
        found.push(...differencesFrom('sdk', `${base}/x-sdk/result`, body));
      }
      return found;
    },
    unneeded: () => exceptions.filter((exception) => !needed.has(exception)),
  };
}

function toPointerPart(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The answer with what is described at the exception's place, where the answer has what is live. */
function amend(answer: Envelope, { at, live, reads }: Exception): Envelope {
  const parts = at.split('/').filter((part) => part !== '');
  const last = parts.pop() ?? '';
  let places: unknown[] = [answer];
  for (const part of parts) {
    places = places.map((place) => Object(place) as Record<string, unknown>).flatMap((place) => place[part]);
  }
  for (const place of places) {
    if (typeof place !== 'object' || place === null) continue;
    const fields = place as Record<string, unknown>;
    if (!(last in fields) || !isDeepStrictEqual(fields[last], live)) continue;
    if (reads === undefined) delete fields[last];
    else fields[last] = reads;
  }
  return answer;
}
