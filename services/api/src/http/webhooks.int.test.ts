import { routes } from '@berth/contract/routes';
import { insertDeliveries } from '@berth/shared/store/deliveries';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const create = (body: Record<string, unknown> = {}) =>
  api.ask('POST', '/v1/webhooks', { body: { url: 'https://hooks.example.org/berth', ...body } });
const deliver = async (target: string, messageId: string) => {
  const delivery = {
    messageId,
    kind: 'order.live',
    channel: 'webhook',
    target,
    siteId: null,
    payload: { type: 'order.live' },
  };
  await insertDeliveries(api.context.db.pool, [delivery]);
  const { body } = await api.ask('GET', `/v1/deliveries?target=${target}`);
  return body.data.find((one: { messageId: string }) => one.messageId === messageId);
};

describe('a webhook endpoint', () => {
  test('shows its secret once, and keeps it encrypted', async () => {
    const { status, body } = await create({ description: 'the shop', eventTypes: ['order.live'] });
    expect(status).toBe(201);
    expect(routes.createWebhook.answer.parse(body)).toEqual(body);
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const list = await api.ask('GET', '/v1/webhooks');
    expect(list.body.data).toContainEqual(
      expect.objectContaining({ id: body.id, enabled: true, eventTypes: ['order.live'] }),
    );
    expect(list.text).not.toContain(body.secret.slice(6));
    const { rows } = await api.context.db.pool.query('select row_to_json(e)::text as row from webhook_endpoints e');
    expect(JSON.stringify(rows)).not.toContain(body.secret.slice(6));
  });

  test('gets another secret, beside which the former one counts for a while', async () => {
    const { body: before } = await create();
    const { status, body } = await api.ask('POST', `/v1/webhooks/${before.id}/secrets`, {
      body: { formerValidHours: 2 },
    });
    expect(status).toBe(201);
    expect(body.secret).not.toBe(before.secret);
    const leftHours = (Date.parse(body.formerSecretUntil) - Date.now()) / 3_600_000;
    expect(leftHours).toBeGreaterThan(1.9);
    expect(leftHours).toBeLessThan(2.1);
  });

  test('is switched off and on; what waited for it is canceled', async () => {
    const { body: made } = await create();
    const waiting = await deliver(made.id, 'evt_off');
    const off = await api.ask('PATCH', `/v1/webhooks/${made.id}`, { body: { enabled: false } });
    expect(off.body).toMatchObject({ enabled: false, disabledReason: 'switched off', url: made.url });
    expect((await api.ask('GET', `/v1/deliveries/${waiting.id}`)).body).toMatchObject({
      state: 'canceled',
      payload: { type: 'order.live' },
    });
    const refused = await api.ask('POST', `/v1/deliveries/${waiting.id}/attempts`, { body: {} });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 409, code: 'webhook.disabled' });
    const on = await api.ask('PATCH', `/v1/webhooks/${made.id}`, { body: { enabled: true } });
    expect(on.body).toMatchObject({ enabled: true, disabledReason: null });
    const again = await api.ask('POST', `/v1/deliveries/${waiting.id}/attempts`, { body: {} });
    expect({ status: again.status, state: again.body.state, tries: again.body.tries }).toEqual({
      status: 202,
      state: 'pending',
      tries: 0,
    });
  });

  test('leaves with its secrets', async () => {
    const { body: made } = await create();
    await deliver(made.id, 'evt_gone');
    expect((await api.ask('DELETE', `/v1/webhooks/${made.id}`)).status).toBe(200);
    expect((await api.ask('DELETE', `/v1/webhooks/${made.id}`)).body.code).toBe('webhook.not-found');
    const { rows } = await api.context.db.pool.query(
      'select secret_enc, former_secret_enc from webhook_endpoints where id = $1',
      [made.id],
    );
    expect(rows[0]).toEqual({ secret_enc: '', former_secret_enc: null });
    const { body } = await api.ask('GET', `/v1/deliveries?target=${made.id}&state=canceled`);
    expect(body.data).toHaveLength(1);
  });

  test.each([
    [{ url: 'http://hooks.example.org/' }, 'https'],
    [{ url: 'https://127.0.0.1/' }, 'public'],
    [{ url: 'https://[fd00::1]/' }, 'public'],
    [{ url: 'https://a:b@example.org/' }, 'password'],
    [{ url: 'javascript:alert(1)' }, 'https'],
    [{ eventTypes: ['order.lost'] }, 'order.accepted'],
  ])('is not made of %j', async (wish, why) => {
    const { status, body } = await create(wish);
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain(why);
  });

  test('of a strange id is not found', async () => {
    for (const id of ['nobody', '00000000-0000-4000-8000-000000000000']) {
      expect((await api.ask('PATCH', `/v1/webhooks/${id}`, { body: {} })).body.code).toBe('webhook.not-found');
      expect((await api.ask('GET', `/v1/deliveries/${id}`)).body.code).toBe('delivery.not-found');
    }
  });
});
