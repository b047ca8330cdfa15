import { describe, expect, test } from 'vitest';
import { aspectNames } from './aspects.ts';
import { aspectsOf, bothParts, wantedOf } from './parts.ts';

const containerAlone = { container: true, tunnel: false };
const tunnelAlone = { container: false, tunnel: true };
const goingOf = (parts: typeof containerAlone) =>
  aspectNames.filter((aspect) => wantedOf(aspect, 'running', parts) === 'deleted');

describe('wantedOf', () => {
  test('lets everything stay of a site that wants both parts', () => {
    expect(goingOf(bothParts)).toEqual([]);
  });

  test('wants what belongs to the tunnel gone where the container is alone, and the other way round', () => {
    expect(goingOf(containerAlone)).toEqual(['zone', 'tunnel', 'connector', 'policy', 'route', 'reachable']);
    expect(goingOf(tunnelAlone)).toEqual(['container']);
  });

  test('wants everything gone of a site that leaves', () => {
    expect(aspectNames.filter((aspect) => wantedOf(aspect, 'deleted', tunnelAlone) !== 'deleted')).toEqual([]);
  });
});

describe('aspectsOf', () => {
  test('leaves the placement out, which both parts need', () => {
    expect([...aspectsOf('container'), ...aspectsOf('tunnel'), 'placement'].sort()).toEqual([...aspectNames].sort());
  });
});
