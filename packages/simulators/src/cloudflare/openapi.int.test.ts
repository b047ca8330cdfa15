import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../testing/assert-envelope.ts';
import { type Description, type Exception, openDescription } from '../testing/cloudflare-description.ts';
import { makeApiClient } from '../testing/make-api-client.ts';
import { registerConnector } from '../testing/register-connector.ts';
import { apiRoutes } from './serve-api.ts';
import { type CloudflareSimulator, startCloudflare } from './start-cloudflare.ts';

const file = process.env.CLOUDFLARE_OPENAPI;

const captured = 'answered so by the real service; the description knows no null there';
const exceptions: readonly Exception[] = [
  { description: 'openapi', at: 'result/owner/id', live: null, reads: undefined, reason: captured },
  { description: 'openapi', at: 'result/comment', live: null, reads: undefined, reason: captured },
  ...['deleted_at', 'conns_active_at', 'conns_inactive_at'].map((field): Exception => {
    return { description: 'openapi', at: `result/${field}`, live: null, reads: undefined, reason: captured };
  }),
  { description: 'openapi', at: 'result/kind', live: '', reads: undefined, reason: "the SDK's type knows it" },
  {
    description: 'openapi',
    at: 'result',
    live: null,
    reads: {},
    reason: "DELETE …/connections: the SDK's type allows null, and who stands null stands an object too",
  },
];

/** Calls that the description leaves out; others are described elsewhere with the same answer. */
const undescribed = new Set([
  'GET /accounts/{account_id}',
  'GET /accounts/{account_id}/access/service_tokens',
  'POST /accounts/{account_id}/access/service_tokens',
  'DELETE /accounts/{account_id}/access/service_tokens/{service_token_id}',
  'POST /accounts/{account_id}/access/service_tokens/{service_token_id}/rotate',
  'POST /accounts/{account_id}/access/service_tokens/{service_token_id}/refresh',
  // The SDK's types know these alone: no result, and records by themselves (below).
  'POST /zones/{zone_id}/dns_records/scan/trigger',
  'POST /zones/{zone_id}/dns_records/scan/review',
  'GET /zones/{zone_id}/logpush/jobs/{job_id}',
  'POST /zones/{zone_id}/logpush/ownership',
  'POST /zones/{zone_id}/logpush/ownership/validate',
]);
const describedAs: Readonly<Record<string, string>> = {
  '/zones/{zone_id}/dns_records/scan/review': '/zones/{zone_id}/dns_records',
  '/accounts/{account_id}/tokens/verify': '/user/tokens/verify',
};

const names: Readonly<Record<string, string>> = {
  zone: '{zone_id}',
  record: '{dns_record_id}',
  account: '{account_id}',
  tunnel: '{tunnel_id}',
  app: '{app_id}',
  phase: '{ruleset_phase}',
  ruleset: '{ruleset_id}',
  rule: '{rule_id}',
  policy: '{policy_id}',
  job: '{job_id}',
  token: '{service_token_id}',
};
const toTemplate = (path: string): string => path.replaceAll(/:(\w+)/g, (_, name: string) => names[name] ?? name);
const toPattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);

let simulator: CloudflareSimulator;
let description: Description;
const answers: { method: string; path: string; answer: ApiAnswer }[] = [];

async function makeRulesetCalls(call: ReturnType<typeof makeApiClient>, zoneId: string): Promise<void> {
  const rulesets = `/zones/${zoneId}/rulesets`;
  await call('GET', rulesets);
  const entrypoint = `${rulesets}/phases/http_request_firewall_custom/entrypoint`;
  const rule = { action: 'block', expression: 'ip.src in {192.0.2.0/24}', description: 'theirs' };
  const { id } = (await call('PUT', entrypoint, { rules: [rule] })).body.result;
  await call('GET', entrypoint);
  const added = (await call('POST', `${rulesets}/${id}/rules`, { ...rule, ref: 'ours', position: { before: '' } }))
    .body;
  const [{ id: ruleId }] = added.result.rules;
  await call('PATCH', `${rulesets}/${id}/rules/${ruleId}`, { ...rule, ref: 'ours', enabled: false });
  await call('DELETE', `${rulesets}/${id}/rules/${ruleId}`);
  const ratelimit = {
    characteristics: ['ip.src', 'cf.colo.id'],
    period: 10,
    requests_per_period: 10,
    mitigation_timeout: 10,
  };
  const limit = { action: 'block', expression: 'starts_with(http.request.uri.path, "/")', ratelimit };
  await call('POST', rulesets, { name: 'limits', kind: 'zone', phase: 'http_ratelimit', rules: [limit] });
  await call('GET', `${rulesets}/${id}`);
  await call('GET', rulesets);
}

async function makeAccessCalls(call: ReturnType<typeof makeApiClient>): Promise<void> {
  const access = `/accounts/${simulator.accountId}/access`;
  await call('GET', `${access}/apps`);
  await call('GET', `${access}/policies`);
  await call('GET', `${access}/service_tokens`);
  const token = (await call('POST', `${access}/service_tokens`, { name: 'proof' })).body.result;
  await call('POST', `${access}/service_tokens/${token.id}/rotate`);
  await call('GET', `${access}/service_tokens`);
  const policy = { name: 'team', decision: 'allow', include: [{ email_domain: { domain: 'example.org' } }] };
  const { id } = (await call('POST', `${access}/policies`, policy)).body.result;
  const service = { name: 'proof', decision: 'non_identity', include: [{ service_token: { token_id: token.id } }] };
  const proof = (await call('POST', `${access}/policies`, service)).body.result;
  await call('GET', `${access}/policies/${id}`);
  await call('PUT', `${access}/policies/${id}`, { ...policy, require: [{ geo: { country_code: 'DE' } }] });
  await call('GET', `${access}/policies`);
  const application = {
    type: 'self_hosted',
    name: 'mustermann.de',
    domain: 'mustermann.de',
    self_hosted_domains: ['mustermann.de', 'www.mustermann.de'],
    policies: [
      { id, precedence: 2 },
      { id: proof.id, precedence: 1 },
    ],
  };
  const app = (await call('POST', `${access}/apps`, application)).body.result;
  await call('GET', `${access}/apps/${app.id}`);
  await call('GET', `${access}/apps?domain=mustermann.de&exact=true`);
  await call('PUT', `${access}/apps/${app.id}`, { ...application, policies: [id] });
  await call('DELETE', `${access}/policies/${proof.id}`);
  await call('DELETE', `${access}/apps/${app.id}`);
  await call('POST', `${access}/service_tokens/${token.id}/refresh`);
  await call('DELETE', `${access}/service_tokens/${token.id}`);
}

async function makeLogpushCalls(call: ReturnType<typeof makeApiClient>, zoneId: string): Promise<void> {
  const logpush = `/zones/${zoneId}/logpush`;
  await call('GET', `${logpush}/jobs`);
  await simulator.control.setPlan('mustermann.de', 'enterprise');
  const destination_conf = 's3://bucket/logs?region=eu-central-1';
  await call('POST', `${logpush}/ownership`, { destination_conf });
  const ownership_challenge = await simulator.control.readChallenge(destination_conf);
  await call('POST', `${logpush}/ownership/validate`, { destination_conf, ownership_challenge });
  const output_options = { field_names: ['RayID'], output_type: 'ndjson', timestamp_format: 'rfc3339' };
  const job = { name: 'ours', dataset: 'http_requests', enabled: true, destination_conf, output_options };
  const { id } = (await call('POST', `${logpush}/jobs`, { ...job, ownership_challenge })).body.result;
  await call('POST', `${logpush}/jobs`, { dataset: 'http_requests', destination_conf, ownership_challenge });
  await call('GET', `${logpush}/jobs`);
  await call('GET', `${logpush}/jobs/${id}`);
  await call('PUT', `${logpush}/jobs/${id}`, { enabled: false, max_upload_interval_seconds: 60 });
  await call('DELETE', `${logpush}/jobs/${id}`);
}

/** Every kind of answer at least once: empty and full lists, values that are there and that are not. */
async function makeEveryCall(): Promise<void> {
  const call = makeApiClient(simulator, {
    onAnswer: (method, path, answer) => {
      if (answer.body.success) answers.push({ method, path: path.replace(/\?.*/, ''), answer });
    },
  });
  await call('GET', '/user/tokens/verify');
  await call('GET', `/accounts/${simulator.accountId}`);
  await call('GET', `/accounts/${simulator.accountId}/tokens/verify`);

  await call('GET', '/zones');
  const zone = (await call('POST', '/zones', { account: { id: simulator.accountId }, name: 'mustermann.de' })).body
    .result;
  await call('PUT', `/zones/${zone.id}/activation_check`);
  await call('GET', `/zones/${zone.id}`);
  await simulator.control.activateZone('mustermann.de');
  await call('GET', `/zones/${zone.id}`);
  await call('GET', `/zones?name=mustermann.de&account.id=${simulator.accountId}&per_page=50`);
  await call('GET', '/zones?page=9');
  await call('PATCH', `/zones/${zone.id}`, { paused: true });

  const records = `/zones/${zone.id}/dns_records`;
  await call('GET', records);
  const made = [
    {
      type: 'CNAME',
      name: 'www.mustermann.de',
      content: 'a.cfargotunnel.com',
      proxied: true,
      ttl: 1,
      comment: 'berth',
    },
    { type: 'A', name: 'mustermann.de', content: '192.0.2.1', ttl: 300 },
    { type: 'AAAA', name: 'mustermann.de', content: '2001:db8::1', ttl: 1 },
    { type: 'MX', name: 'mustermann.de', content: 'mail.mustermann.de', priority: 10, ttl: 1 },
    { type: 'TXT', name: 'mustermann.de', content: '"v=spf1 -all"', ttl: 1 },
    { type: 'NS', name: 'sub.mustermann.de', content: 'ns1.beispiel.de', ttl: 1 },
  ];
  const ids: string[] = [];
  for (const record of made) ids.push((await call('POST', records, record)).body.result.id);
  const [alias, address, address6, mail] = ids;
  await call('GET', `${records}?name.exact=www.mustermann.de&type=CNAME`);
  await call('GET', records);
  await call('GET', `${records}?page=2`);
  await call('GET', `${records}/${alias}`);
  await call('PATCH', `${records}/${alias}`, { content: 'b.cfargotunnel.com', comment: '' });
  await call('PUT', `${records}/${alias}`, made[0]);
  await call('POST', `${records}/batch`, {
    deletes: [{ id: address }],
    patches: [{ id: address6, ttl: 120 }],
    puts: [{ id: mail, ...made[3], priority: 20 }],
    posts: [{ type: 'A', name: 'mustermann.de', content: '192.0.2.2', ttl: 1 }],
  });
  await call('POST', `${records}/batch`, { posts: [{ type: 'TXT', name: 'a.mustermann.de', content: 'x', ttl: 1 }] });
  await call('DELETE', `${records}/${alias}`);
  await simulator.control.setFormerRecords('mustermann.de', [
    { type: 'MX', name: 'mustermann.de', content: 'mx.former.example', priority: 10, ttl: 3600 },
    { type: 'TXT', name: '_dmarc.mustermann.de', content: '"v=DMARC1; p=none"', ttl: 3600 },
  ]);
  const scan = `${records}/scan`;
  await call('GET', `${scan}/review`);
  await call('POST', `${scan}/trigger`);
  const [mx, dmarc] = (await call('GET', `${scan}/review`)).body.result;
  const { type, name, content, priority, ttl } = mx;
  await call('POST', `${scan}/review`, {
    accepts: [{ type, name, content, priority, ttl, proxied: false }],
    rejects: [{ id: dmarc.id }],
  });

  await makeRulesetCalls(call, zone.id);
  await makeAccessCalls(call);
  await makeLogpushCalls(call, zone.id);

  const tunnels = `/accounts/${simulator.accountId}/cfd_tunnel`;
  await call('GET', tunnels);
  const tunnel_secret = Buffer.alloc(32, 1).toString('base64');
  const tunnel = (await call('POST', tunnels, { name: 'customer-a', tunnel_secret, config_src: 'local' })).body.result;
  await call('POST', tunnels, { name: 'remote', config_src: 'cloudflare' });
  await call('GET', `${tunnels}/${tunnel.id}`);
  await call('GET', `${tunnels}/${tunnel.id}/token`);
  await call('GET', `${tunnels}/${tunnel.id}/connections`);
  await registerConnector(simulator, { tunnelId: tunnel.id, tunnelSecret: tunnel_secret });
  await call('GET', `${tunnels}/${tunnel.id}/connections`);
  await call('GET', `${tunnels}/${tunnel.id}`);
  await call('PATCH', `${tunnels}/${tunnel.id}`, { name: 'customer-b' });
  await call('DELETE', `${tunnels}/${tunnel.id}/connections`);
  await call('GET', `${tunnels}/${tunnel.id}`);
  await call('DELETE', `${tunnels}/${tunnel.id}`);
  await call('GET', `${tunnels}?is_deleted=false`);
  await call('GET', tunnels);

  await call('DELETE', `/zones/${zone.id}`);
}

describe.skipIf(file === undefined)('the simulated API', () => {
  beforeAll(async () => {
    description = openDescription(file ?? '', exceptions);
    simulator = await startCloudflare({ profile: 'enterprise' });
    await makeEveryCall();
  });

  afterAll(() => simulator.stop());

  test.each(apiRoutes.filter(givesSomething).map(({ method, path }) => [method, path] as const))(
    'answers %s %s as Cloudflare describes it',
    (method, path) => {
      const own = answersOf(method, path);
      expect(own).not.toEqual([]);
      const template = toTemplate(path);
      if (undescribed.has(`${method} ${template}`)) return;
      const found = own.flatMap((answer) => description.differences(method, describedAs[template] ?? template, answer));
      expect(found).toEqual([]);
    },
  );

  test('answers a review with the records that were accepted and the ids that were rejected', () => {
    const [trigger] = answersOf('POST', '/zones/:zone/dns_records/scan/trigger');
    expect(trigger?.body).toEqual({ success: true, errors: [], messages: [] });
    const [review] = answersOf('POST', '/zones/:zone/dns_records/scan/review');
    const { accepts, rejects } = review?.body.result ?? {};
    expect(rejects).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(accepts).toHaveLength(1);
    const accepted = { ...review, body: { ...review?.body, result: accepts[0] } } as unknown as ApiAnswer;
    expect(description.differences('GET', '/zones/{zone_id}/dns_records/{dns_record_id}', accepted)).toEqual([]);
  });

  test('would be caught at an answer that differs', () => {
    const [answer] = answersOf('GET', '/zones/:zone');
    const changed = structuredClone({ ...answer, headers: undefined });
    Object.assign(changed.body?.result, { name_servers: 'ada.ns.cloudflare.com' });
    expect(description.differences('GET', '/zones/{zone_id}', changed as unknown as ApiAnswer)).not.toEqual([]);
  });

  test('needs every exception', () => {
    expect(description.unneeded()).toEqual([]);
  });
});

/** GraphQL has no description of this kind. */
function givesSomething({ path }: { path: string }): boolean {
  return path !== '/graphql';
}

/** Answers to the calls of one route; the batch's own path would fit a record's as well. */
function answersOf(method: string, path: string): ApiAnswer[] {
  const isBatch = path.endsWith('/batch');
  return answers
    .filter((one) => one.method === method && toPattern(path).test(one.path) && one.path.endsWith('/batch') === isBatch)
    .map(({ answer }) => answer);
}
