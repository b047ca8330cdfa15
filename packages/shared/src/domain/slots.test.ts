import { describe, expect, test } from 'vitest';
import { isUsableSlot, MAX_SLOT, metricsAddress, slotNetwork } from './slots.ts';

describe('slots', () => {
  test("leave cloudflared's own ports 20241–20245 alone", () => {
    const usable = Array.from({ length: MAX_SLOT + 1 }, (_, slot) => slot).filter(isUsableSlot);
    const ports = usable.flatMap((slot) => [metricsAddress(slot), metricsAddress(slot, true)]);
    expect(ports.filter((address) => /:2024[1-5]$/.test(address))).toEqual([]);
    expect(new Set(ports).size).toBe(ports.length);
    expect(MAX_SLOT + 1 - usable.length).toBe(3);
  });

  test('give each its own /28 of the pool', () => {
    expect(slotNetwork('10.200.0.0/16', 0)).toEqual({
      subnet: '10.200.0.0/28',
      gateway: '10.200.0.1',
      bridge: 'berth0',
    });
    expect(slotNetwork('10.200.0.0/16', MAX_SLOT)).toEqual({
      subnet: '10.200.255.240/28',
      gateway: '10.200.255.241',
      bridge: 'berth4095',
    });
  });

  test('refuse a pool that is too small or no network', () => {
    expect(() => slotNetwork('10.200.0.0/24', 16)).toThrow('does not fit');
    expect(() => slotNetwork('10.200.0.0/29', 0)).toThrow('not an IPv4 network');
    expect(() => slotNetwork('fd00::/64', 0)).toThrow('not an IPv4 network');
  });
});
