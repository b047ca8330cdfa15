import { createContext, useContext } from 'react';

/** The time, in milliseconds since 1970. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

const Given = createContext<Clock>(systemClock);
export const ClockOf = Given.Provider;

/** The clock that everything shown goes by: the browser's, unless a test has given another. */
export function useClock(): Clock {
  return useContext(Given);
}
