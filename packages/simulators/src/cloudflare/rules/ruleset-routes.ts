import { ApiError } from '../api-error.ts';
import type { Call, Route } from '../call.ts';
import type { Zone } from '../zone.ts';
import type { Ruleset } from './ruleset.ts';

const BASE = '/zones/:zone/rulesets';
const ENTRYPOINT = `${BASE}/phases/:phase/entrypoint`;
const RULES = `${BASE}/:ruleset/rules`;
const RULESET_FIELDS = ['name', 'description', 'kind', 'phase', 'rules'];

/** Rules of a zone, by phase. Whatever changes one answers with the whole ruleset. */
export const rulesetRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: ENTRYPOINT,
    handle: (call) => {
      const { phase = '' } = call.params;
      allow(call, phase, 'read');
      return { result: zoneOf(call).rules.entrypoint(phase) };
    },
  },
  {
    method: 'PUT',
    path: ENTRYPOINT,
    fields: RULESET_FIELDS,
    handle: (call) => {
      const { phase = '' } = call.params;
      allow(call, phase, 'edit');
      return changed(call, (zone) => zone.rules.replace(phase, call.body, zone.plan));
    },
  },
  {
    method: 'GET',
    path: BASE,
    needs: 'waf.read',
    query: { per_page: 'text', cursor: 'text' },
    handle: (call) => ({
      result: zoneOf(call)
        .rules.all()
        .map(({ rules: _, ...shown }) => shown),
    }),
  },
  {
    method: 'POST',
    path: BASE,
    fields: RULESET_FIELDS,
    handle: (call) =>
      changed(call, (zone) => {
        const { kind, phase } = call.body;
        allow(call, phase, 'edit');
        if (kind !== 'zone' || typeof phase !== 'string') throw new ApiError(400, 10_002, 'kind must be zone');
        const known = zone.rules.all().some((ruleset) => ruleset.phase === phase);
        if (known) throw new ApiError(400, 20_217, `exceeded the maximum number of rulesets for the phase ${phase}`);
        return zone.rules.replace(phase, call.body, zone.plan);
      }),
  },
  {
    method: 'GET',
    path: `${BASE}/:ruleset`,
    handle: (call) => {
      allow(call, phaseOf(call), 'read');
      return { result: zoneOf(call).rules.ruleset(call.params.ruleset ?? '') };
    },
  },
  {
    method: 'POST',
    path: RULES,
    handle: (call) => changedRule(call, (zone) => zone.rules.add(call.params.ruleset ?? '', call.body, zone.plan)),
  },
  {
    method: 'PATCH',
    path: `${RULES}/:rule`,
    handle: (call) =>
      changedRule(call, (zone) =>
        zone.rules.change(call.params.ruleset ?? '', call.params.rule ?? '', call.body, zone.plan),
      ),
  },
  {
    method: 'DELETE',
    path: `${RULES}/:rule`,
    handle: (call) =>
      changedRule(call, (zone) => zone.rules.remove(call.params.ruleset ?? '', call.params.rule ?? '', zone.plan)),
  },
];

function zoneOf({ account, params }: Call): Zone {
  return account.zone(params.zone ?? '');
}

/** Each phase has its own permission; what isn't known here is asked for by that of the firewall. */
function allow(call: Call, phase: unknown, kind: 'read' | 'edit'): void {
  const needed = `${phase === 'http_config_settings' ? 'config' : 'waf'}.${kind}` as const;
  if (!call.account.permissions.has(needed)) throw new ApiError(403, 10_000, 'Authentication error');
}

const phaseOf = (call: Call) =>
  zoneOf(call)
    .rules.all()
    .find(({ id }) => id === call.params.ruleset)?.phase;

function changedRule(call: Call, change: (zone: Zone) => Ruleset): { result: Ruleset } {
  allow(call, phaseOf(call), 'edit');
  return changed(call, change);
}

function changed(call: Call, change: (zone: Zone) => Ruleset): { result: Ruleset } {
  const result = change(zoneOf(call));
  call.account.changed();
  return { result };
}
