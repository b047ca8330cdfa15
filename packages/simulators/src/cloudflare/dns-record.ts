import { randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { ApiError } from './api-error.ts';
import type { Plan } from './rules/plan.ts';

/** A DNS record as the API shows it. */
export interface DnsRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  proxiable: boolean;
  proxied: boolean;
  ttl: number;
  priority?: number;
  settings: Record<string, unknown>;
  meta: Record<string, unknown>;
  comment: string | null;
  tags: string[];
  created_on: string;
  modified_on: string;
}

const FIELDS = new Set(['type', 'name', 'content', 'ttl', 'proxied', 'comment', 'tags', 'priority', 'settings']);
/** The types that can be made here; `data`, which some others need, isn't taken. */
export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'CAA', 'SRV'] as const;
const TYPES: ReadonlySet<unknown> = new Set(RECORD_TYPES);
const PROXIABLE = new Set(['A', 'AAAA', 'CNAME']);
const TAG = /^[\w-]{1,32}(:.{0,100})?$/;
const HOSTNAME = /^(?=.{1,253}$)(_?[a-z0-9]([a-z0-9_-]{0,62})?\.)*_?[a-z0-9]([a-z0-9_-]{0,62})?$/i;

/** What of a zone decides about its records. */
interface Place {
  name: string;
  plan: Plan;
}

/** A new record from a request's body. @throws ApiError when Cloudflare would refuse it */
export function makeRecord(body: Record<string, unknown>, zone: Place): DnsRecord {
  const now = new Date().toISOString();
  return checkRecord(
    {
      id: randomBytes(16).toString('hex'),
      name: '',
      type: '',
      content: '',
      proxiable: false,
      proxied: false,
      ttl: 1,
      settings: {},
      meta: {},
      comment: null,
      tags: [],
      created_on: now,
      modified_on: now,
    },
    body,
    zone,
  );
}

/** `record` with the fields of `body`. @throws ApiError when Cloudflare would refuse it */
export function checkRecord(record: DnsRecord, body: Record<string, unknown>, zone: Place): DnsRecord {
  for (const field of Object.keys(body)) if (!FIELDS.has(field)) throw invalid(9207, `unknown field "${field}"`);
  const { type, name, content, ttl, proxied, comment, tags, priority, settings } = { ...record, ...body };
  if (typeof type !== 'string' || !TYPES.has(type)) throw invalid(9004, 'Invalid record type.');
  if (typeof name !== 'string' || name === '') throw invalid(9000, 'Record name is invalid.');
  if (typeof content !== 'string' || content === '') throw invalid(9005, `Content for ${type} record is invalid.`);
  if (typeof ttl !== 'number' || !Number.isInteger(ttl) || !(ttl === 1 || (ttl >= 60 && ttl <= 86_400))) {
    throw invalid(9021, 'Invalid TTL. Must be between 60 and 86,400 seconds, or 1 for Automatic.');
  }
  if (typeof proxied !== 'boolean') throw invalid(9041, 'This DNS record cannot be proxied.');
  if (proxied && !PROXIABLE.has(type)) throw invalid(9041, 'This DNS record cannot be proxied.');
  if (comment !== null && (typeof comment !== 'string' || comment.length > 100)) {
    throw invalid(9300, 'DNS record comment is too long.');
  }
  checkTags(tags);
  // Those that a plan gave before stay when it has become smaller, but none is taken.
  if (zone.plan === 'free' && Array.isArray(body.tags) && body.tags.length > 0) {
    throw invalid(9300, 'The plan of the zone has no record tags.');
  }
  if (settings === null || typeof settings !== 'object') throw invalid(9207, 'settings must be an object');
  const isPriority = Number.isInteger(priority) && Number(priority) >= 0 && Number(priority) <= 65_535;
  if ((type === 'MX' || priority !== undefined) && !isPriority)
    throw invalid(9101, 'priority is a required data field.');
  checkContent(type, content);
  const full = fullName(name.toLowerCase(), zone.name);
  if (type === 'CNAME' && content.toLowerCase() === full) throw invalid(9039, 'CNAME content cannot reference itself.');
  return {
    ...record,
    type,
    name: full,
    content: type === 'TXT' ? content : content.toLowerCase(),
    proxiable: PROXIABLE.has(type),
    proxied,
    ttl: proxied ? 1 : ttl,
    comment: typeof comment === 'string' ? comment : null,
    tags,
    ...(typeof priority === 'number' && { priority }),
    settings: { ...(type === 'CNAME' && { flatten_cname: false }), ...settings },
    modified_on: new Date().toISOString(),
  };
}

/** A name outside of the zone is taken as relative to it, as Cloudflare does. */
function fullName(name: string, zone: string): string {
  const full = name === '@' ? zone : name === zone || name.endsWith(`.${zone}`) ? name : `${name}.${zone}`;
  if (!HOSTNAME.test(full.replace(/^\*\./, ''))) throw invalid(9000, 'Record name is invalid.');
  return full;
}

function checkTags(tags: unknown): asserts tags is string[] {
  const good = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && TAG.test(tag));
  if (!good) throw invalid(9300, 'Tags must be a list of name:value.');
}

function checkContent(type: string, content: string): void {
  const good =
    type === 'A'
      ? isIPv4(content)
      : type === 'AAAA'
        ? isIPv6(content)
        : type === 'CNAME' || type === 'NS'
          ? HOSTNAME.test(content)
          : true;
  if (!good) throw invalid(9005, `Content for ${type} record is invalid.`);
}

function invalid(code: number, message: string): ApiError {
  return new ApiError(400, 1004, 'DNS Validation Error', { chain: [{ code, message }] });
}
