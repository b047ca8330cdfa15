interface GatherOptions {
  /** in one call at most */
  atMost: number;
  /** whether the failure of a call may be that of one key in it: then each is asked for alone */
  mayBeOne(failure: unknown): boolean;
}

interface Asking<Answer> {
  promise: Promise<Answer>;
  resolve(answer: Answer): void;
  reject(failure: unknown): void;
}

/**
 * One call for all who ask while the call before is under way: work that must be done one after the other is done for many at once.
 * @param call must answer for each key that it's given
 */
export function gather<Answer>(
  call: (keys: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
  { atMost, mayBeOne }: GatherOptions,
): (key: string) => Promise<Answer> {
  const asked = new Map<string, Asking<Answer>>();
  let busy = false;

  async function answer(some: readonly (readonly [string, Asking<Answer>])[]): Promise<void> {
    try {
      const answers = await call(some.map(([key]) => key));
      for (const [key, asking] of some) {
        const found = answers.get(key);
        if (found === undefined) asking.reject(new Error(`no answer for ${key}`));
        else asking.resolve(found);
      }
    } catch (failure) {
      if (some.length > 1 && mayBeOne(failure)) {
        for (const one of some) await answer([one]);
      } else {
        for (const [, asking] of some) asking.reject(failure);
      }
    }
  }

  async function work(): Promise<void> {
    busy = true;
    while (asked.size > 0) {
      const some = [...asked].slice(0, atMost);
      for (const [key] of some) asked.delete(key);
      await answer(some);
    }
    busy = false;
  }

  return (key) => {
    const known = asked.get(key);
    if (known) return known.promise;
    let settle: Pick<Asking<Answer>, 'resolve' | 'reject'> | undefined;
    const promise = new Promise<Answer>((resolve, reject) => {
      settle = { resolve, reject };
    });
    if (settle) asked.set(key, { promise, ...settle });
    if (!busy) void work();
    return promise;
  };
}
