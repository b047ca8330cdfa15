import { existsSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';

/** The better one first; browsers take `br` over TLS and from their own machine. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/**
 * Gives a browser that takes it a file beside, which was compressed when the portal was built.
 * @param dir where the files are; a name that leads out of it is left to whoever serves them
 */
export function makeCompressed(dir: string): RequestHandler {
  return (request, response, next) => {
    const { ext, base } = path.parse(request.path);
    const isOurs = request.path === `/${base}` && /^[\w.-]+$/.test(base);
    if (!isOurs) return next();
    const found = ENCODINGS.find(
      ([encoding, ending]) => request.acceptsEncodings(encoding) && existsSync(path.join(dir, base + ending)),
    );
    if (!found) return next();
    const [encoding, ending] = found;
    response.type(ext);
    response.setHeader('Content-Encoding', encoding);
    response.vary('Accept-Encoding');
    request.url = `/${base}${ending}`;
    next();
  };
}

/** Answers with a text that is another each time, as small as the browser takes it: some kilobytes, compressed within a fraction of a millisecond. */
export function sendCompressed(request: Request, response: Response, text: string): void {
  const encoding = request.acceptsEncodings(['br', 'gzip', 'identity']);
  response.vary('Accept-Encoding');
  if (encoding !== 'br' && encoding !== 'gzip') return void response.send(text);
  response.setHeader('Content-Encoding', encoding);
  const bytes = Buffer.from(text);
  response.send(encoding === 'br' ? brotliCompressSync(bytes, QUICKLY) : gzipSync(bytes));
}
