import { BerthError } from '../errors/berth-error.ts';

/** Thrown in place of the process's death. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** How the `n`-th outside effect of a run ends, after it has happened. */
export type Fault = { at: number; kind: 'killed' | 'answer-lost' };

/** Counts the outside effects of a run, and can end the run right after one of them. */
export interface Effects {
  readonly count: number;
  readonly names: readonly string[];
  /** The adapter with its effects counted; what only observes isn't named. */
  wrap<T extends object>(adapter: T, effects: readonly (keyof T & string)[]): T;
}

/** @param fault after which effect (from 1) the run ends, and how; undefined: it runs through */
export function makeEffects(fault?: Fault): Effects {
  const names: string[] = [];
  const after = (name: string): void => {
    names.push(name);
    if (fault?.at !== names.length) return;
    if (fault.kind === 'killed') throw new Crash(`killed after ${name}`);
    throw new BerthError('internal.unexpected', `the answer to ${name} was lost`);
  };
  return {
    get count() {
      return names.length;
    },
    names,
    wrap: <T extends object>(adapter: T, effects: readonly (keyof T & string)[]): T =>
      new Proxy(adapter, {
        get(target, property, receiver) {
          const value: unknown = Reflect.get(target, property, receiver);
          if (typeof value !== 'function' || !effects.includes(property as keyof T & string)) return value;
          return async (...args: unknown[]) => {
            const result: unknown = await value.apply(target, args);
            after(String(property));
            return result;
          };
        },
      }),
  };
}
