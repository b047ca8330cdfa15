import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lookUntil } from '../testing/look-until.ts';
import { makeRouteStand, plain } from '../testing/route-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { replaceTunnel, wantGone } from '../testing/stage-site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

/** A site whose routes stand in the place of a former address. */
async function routed() {
  const stand = await makeRouteStand(stage);
  await stand.addRecord('A', '@', '192.0.2.1', { ttl: 300 });
  const former = (await stand.records()).map(plain);
  await lookUntil(stand.look);
  return { ...stand, former };
}

describe('reconcileRoute, when the site leaves,', () => {
  test('leaves a record that the customer made after ours was removed', async () => {
    const { site, look, addRecord, records } = await makeRouteStand(stage);
    await lookUntil(look);
    await wantGone(stage, site);
    expect(await look()).toMatchObject({ kind: 'again', reason: 'RoutesLeaving' });
    await addRecord('A', '@', '192.0.2.7');
    await addRecord('CNAME', 'www', 'shop.example.net');
    const theirs = await records();
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect(await records()).toEqual(theirs);
  });

  test('leaves what the customer changed about the record that was given back', async () => {
    const { site, look, records } = await routed();
    await wantGone(stage, site);
    await look();
    const given = (await records('@'))[0];
    await stage.simulator.control.changeRecord(site.domain, given?.id ?? '', { content: '192.0.2.8' });
    await lookUntil(look);
    expect((await records()).map(({ content }) => content)).toEqual(['192.0.2.8']);
  });

  test('leaves what the customer put in the place of ours before, and gives nothing back beside it', async () => {
    const { site, look, addRecord, records } = await routed();
    await stage.simulator.control.removeRecord(site.domain, (await records('@'))[0]?.id ?? '');
    await addRecord('A', '@', '192.0.2.7');
    await wantGone(stage, site);
    await lookUntil(look);
    expect((await records()).map(({ content }) => content)).toEqual(['192.0.2.7']);
  });

  test('leaves a record of ours that somebody pointed elsewhere', async () => {
    const { site, look, records } = await routed();
    const id = (await records('@'))[0]?.id ?? '';
    await stage.simulator.control.changeRecord(site.domain, id, { content: 'shop.example.net' });
    await wantGone(stage, site);
    await lookUntil(look);
    expect((await records()).map(({ content }) => content)).toEqual(['shop.example.net']);
  });

  test('gives back once when the answer to the batch is lost', async () => {
    const { site, look, records, former } = await routed();
    await wantGone(stage, site);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/batch$', kind: 'lost-answer' });
    await expect(look()).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    await lookUntil(look);
    expect((await records()).map(plain)).toEqual(former);
  });

  test('keeps its records and what they replaced in mind until the removal was observed', async () => {
    const { site, look, records, rows } = await routed();
    await wantGone(stage, site);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/batch$', kind: 'cut' });
    await expect(look()).rejects.toThrow();
    expect((await records()).map(({ type }) => type)).toEqual(['CNAME', 'CNAME']);
    await look();
    expect(await rows()).toHaveLength(2);
    await lookUntil(look);
    expect(await rows()).toEqual([]);
  });

  test('finds records that still lead to the former tunnel', async () => {
    const { site, look, records, former } = await routed();
    await replaceTunnel(stage, site);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/batch$', kind: 'cut' });
    await expect(look()).rejects.toThrow();
    await wantGone(stage, site);
    await lookUntil(look);
    expect((await records()).map(plain)).toEqual(former);
  });

  test('is gone with the zone', async () => {
    const { site, look, rows } = await routed();
    await wantGone(stage, site);
    await stage.simulator.control.setZoneStatus(site.domain, 'deleted');
    expect(await lookUntil(look)).toMatchObject({ kind: 'gone' });
    expect(await rows()).toEqual([]);
  });

  test('does not take a refused token for a zone that is gone', async () => {
    const { site, look, rows } = await routed();
    await wantGone(stage, site);
    await stage.simulator.control.misbehave({ kind: '5xx', status: 401 });
    await expect(look()).rejects.toMatchObject({ code: 'cloudflare.unauthorized' });
    expect(await rows()).toHaveLength(2);
  });
});
