/** Where how much is under way from this process, so that a slow place holds up nobody but itself. */
export interface BusyPlaces {
  begin(place: string, atOnce: number): void;
  /** @param restMs how long nothing more is sent there */
  end(place: string, restMs: number): void;
  /** places that take no more for now */
  full(): string[];
  /** how many more each of the others takes where something is under way */
  left(): Record<string, number>;
}

/** @param nowMs milliseconds of an even clock */
export function makeBusyPlaces(nowMs: () => number): BusyPlaces {
  const places = new Map<string, { underWay: number; atOnce: number; restUntilMs: number }>();
  return {
    begin(place, atOnce) {
      const known = places.get(place) ?? { underWay: 0, atOnce, restUntilMs: 0 };
      known.underWay += 1;
      places.set(place, known);
    },
    end(place, restMs) {
      const known = places.get(place);
      if (!known) return;
      known.underWay -= 1;
      if (restMs > 0) known.restUntilMs = Math.max(known.restUntilMs, nowMs() + restMs);
    },
    full() {
      const now = nowMs();
      const full: string[] = [];
      for (const [place, { underWay, atOnce, restUntilMs }] of places) {
        if (underWay >= atOnce || restUntilMs > now) full.push(place);
        else if (underWay === 0) places.delete(place);
      }
      return full;
    },
    left() {
      const rooms = [...places].map(([place, { underWay, atOnce }]) => [place, atOnce - underWay] as const);
      return Object.fromEntries(rooms.filter(([, room]) => room > 0));
    },
  };
}
