/** An expression that Cloudflare's parser refuses. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

export type Token = { kind: 'word'; text: string } | { kind: 'string'; text: string } | { kind: 'mark'; text: string };

const TOKEN = /\s*(?:("(?:[^"\\]|\\["\\])*")|(&&|\|\||==|!=|[(){},!~])|([A-Za-z0-9_.:/$-]+))/y;

/** The parts of an expression. @throws ExpressionError at what is none */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const [, string, mark, word] = TOKEN.exec(text) ?? [];
    if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else throw new ExpressionError(`Filter parsing error (1:${at + 1}): unexpected input`);
  }
  return tokens;
}
