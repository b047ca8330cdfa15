/** A value that was read from outside, or what is wrong with it, in words that its sender can act on. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const refused = <T>(problem: string): Parsed<T> => ({ ok: false, problem });
