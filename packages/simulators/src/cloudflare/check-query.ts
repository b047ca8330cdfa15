import { ApiError } from './api-error.ts';

/** What a query parameter may be: any text, or one of these. */
export type QueryRule = 'text' | readonly string[];

/** Parameters that may be given several times. */
const REPEATED: ReadonlySet<string> = new Set(['type']);

/**
 * Refuses parameters that the route doesn't know, values that it doesn't take and what is given twice. The real service lets some of
 * that pass and answers something else than was meant; here it is found at once.
 * @throws ApiError 400
 */
export function checkQuery(query: URLSearchParams, rules: Readonly<Record<string, QueryRule>>): void {
  for (const name of new Set(query.keys())) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw new ApiError(400, 1001, `Unknown query parameter ${name}`);
    const values = query.getAll(name);
    if (values.length > 1 && !REPEATED.has(name)) throw new ApiError(400, 1001, `${name} is given twice`);
    const wrong = rule === 'text' ? undefined : values.find((value) => !rule.includes(value));
    if (wrong !== undefined) throw new ApiError(400, 1001, `Invalid value for ${name}: ${wrong}`);
  }
}
