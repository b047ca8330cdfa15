import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import type { HealthTarget } from '@berth/shared/store/read-health-targets';
import { describe, expect, test } from 'vitest';
import type { Probed } from '../judge/see-container.ts';
import { lookAtHost } from './look-at-host.ts';

const TARGET = { placementId: 'p', port: 3100, healthPath: '/health', container: { reached: true }, connector: null };
const WELL: Probed = { kind: 'answer', status: 200, latencyMs: 1 };
const none = (reason: 'Refused' | 'ConnectionLost' | 'Timeout'): Probed => ({ kind: 'none', reason, latencyMs: 1 });

/** Looks at one container, of which Docker tells `state` only once it was probed. @returns how the probe went, and how many there were */
async function look({ first, later = WELL, state = 'running' }: { first: Probed; later?: Probed; state?: string }) {
  let probes = 0;
  let answer = () => {};
  const probedOnce = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const deps = {
    docker: {
      async list() {
        await probedOnce;
        return [{ id: 'c', placementId: 'p', state, ports: [3100] }];
      },
      inspect: async () => ({ ranMs: 3_600_000, exitCode: 0, outOfMemory: false }),
    },
    systemd: { list: async () => [], ended: async () => new Map(), disabled: async () => new Set<string>() },
    http: {
      async probe() {
        probes += 1;
        answer();
        return probes === 1 ? first : later;
      },
      ready: async () => undefined,
    },
    clock: systemClock,
    log: silentLog,
  };
  const { containers } = await lookAtHost(deps, [TARGET as unknown as HealthTarget], new AbortController().signal);
  return { probed: containers.get('p')?.probed, probes };
}

describe('lookAtHost', () => {
  test('takes no port for refused that was published again while Docker, which was starting, kept its answer back', async () => {
    for (const reason of ['Refused', 'ConnectionLost'] as const)
      expect(await look({ first: none(reason) })).toEqual({ probed: WELL, probes: 2 });
  });

  test('takes one for refused that still is when Docker has answered', async () => {
    expect(await look({ first: none('Refused'), later: none('Refused') })).toEqual({
      probed: none('Refused'),
      probes: 2,
    });
  });

  test('asks once where there was an answer, no answer in time, or nothing runs', async () => {
    expect(await look({ first: WELL })).toEqual({ probed: WELL, probes: 1 });
    expect(await look({ first: none('Timeout') })).toEqual({ probed: none('Timeout'), probes: 1 });
    expect(await look({ first: none('Refused'), state: 'exited' })).toEqual({ probed: none('Refused'), probes: 1 });
  });
});
