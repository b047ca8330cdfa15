import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RequestHandler } from 'express';

/**
 * Gives a browser that takes it the file beside, which was compressed when the portal was built.
 * @param dir where the files are; a name that leads out of it is left to whoever serves them
 */
export function makeCompressed(dir: string): RequestHandler {
  return (request, response, next) => {
    const { ext, base } = path.parse(request.path);
    const isOurs = request.path === `/${base}` && /^[\w.-]+$/.test(base);
    if (!isOurs || !request.acceptsEncodings('gzip') || !existsSync(path.join(dir, `${base}.gz`))) return next();
    response.type(ext);
    response.setHeader('Content-Encoding', 'gzip');
    response.vary('Accept-Encoding');
    request.url = `/${base}.gz`;
    next();
  };
}
