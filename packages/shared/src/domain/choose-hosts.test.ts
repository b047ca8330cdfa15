import { describe, expect, test } from 'vitest';
import { chooseHosts, type HostRoom, type WantsPlace } from './choose-hosts.ts';

const site = (siteId: string, more: Partial<WantsPlace> = {}): WantsPlace => ({
  siteId,
  pool: 'customer',
  port: null,
  bytes: 10,
  notOn: [],
  ...more,
});
const host = (id: string, freeBytes: number, more: Partial<HostRoom> = {}): HostRoom => ({
  id,
  freeBytes,
  openPorts: { customer: 9, staging: 9 },
  openWished: [],
  ...more,
});
const chosen = (sites: WantsPlace[], hosts: HostRoom[]) =>
  Object.fromEntries(
    [...chooseHosts(sites, hosts)].map(([id, choice]) => [id, 'hostId' in choice ? choice.hostId : choice.why]),
  );

describe('chooseHosts', () => {
  test('takes the host with most memory free, each time anew', () => {
    const sites = ['1', '2', '3', '4'].map((id) => site(id));
    expect(chosen(sites, [host('a', 25), host('b', 40)])).toEqual({ '1': 'b', '2': 'b', '3': 'a', '4': 'b' });
  });

  test('takes the first by name of those that are equal', () => {
    expect(chosen([site('1'), site('2')], [host('b', 20), host('a', 20)])).toEqual({ '1': 'a', '2': 'b' });
  });

  test('promises no memory twice, and lets a smaller one pass one that does not fit', () => {
    const sites = [
      site('1', { bytes: 30 }),
      site('2', { bytes: 15 }),
      site('3', { bytes: 5 }),
      site('4', { bytes: 1 }),
    ];
    expect(chosen(sites, [host('a', 20)])).toEqual({ '1': 'no-memory', '2': 'a', '3': 'a', '4': 'no-memory' });
  });

  test('gives a port once, whether it was wished or not', () => {
    const room = host('a', 99, { openPorts: { customer: 2, staging: 1 }, openWished: [3105] });
    const sites = [site('1', { port: 3105 }), site('2', { port: 3105 }), site('3'), site('4')];
    expect(chosen(sites, [room])).toEqual({ '1': 'a', '2': 'port-taken', '3': 'a', '4': 'no-port' });
    expect(chosen([site('5', { pool: 'staging' })], [room])).toEqual({ '5': 'a' });
  });

  test('says what is missing: a host, then a port, then memory', () => {
    expect(chosen([site('1')], [])).toEqual({ '1': 'no-host' });
    const full = host('a', 0, { openPorts: { customer: 0, staging: 0 } });
    expect(chosen([site('1'), site('2', { port: 3100 })], [full])).toEqual({ '1': 'no-port', '2': 'port-taken' });
    expect(chosen([site('1')], [full, host('b', 9)])).toEqual({ '1': 'no-memory' });
  });

  test('puts nothing on a host where something of the site is left', () => {
    expect(chosen([site('1', { notOn: ['a'] })], [host('a', 99), host('b', 10)])).toEqual({ '1': 'b' });
    expect(chosen([site('1', { notOn: ['a'] })], [host('a', 99)])).toEqual({ '1': 'no-host' });
  });
});
