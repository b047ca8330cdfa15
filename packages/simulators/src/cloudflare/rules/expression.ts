import { parseExpression } from './parse-expression.ts';
import type { RequestFields } from './request-fields.ts';

/** An expression of a rule, ready to be asked. */
export interface Expression {
  matches(request: RequestFields): boolean;
  /** the fields that it looks at */
  fields: ReadonlySet<string>;
}

export const EXPRESSION_MAX = 4096;

/** Compiles an expression of Cloudflare's rules language, as far as it is known here. @throws ExpressionError */
export function compileExpression(text: string): Expression {
  const fields = new Set<string>();
  const test = parseExpression(text, fields);
  return { matches: test, fields };
}
