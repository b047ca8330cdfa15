import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chance } from '@berth/shared/runtime/chance';
import express, { type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { makeCompressed, sendCompressed } from './compressed.ts';

interface Deps {
  /** where the portal was built to */
  dir: string;
  chance: Pick<Chance, 'bytes'>;
}

/** What the built page has in place of its nonce (Vite's `html.cspNonce`). */
const PLACEHOLDER = '__CSP_NONCE__';
const NONCE_BYTES = 16;
const ASSET_AGE = '365d';
/** Addresses that are never a page of the portal. */
const NOT_PAGES = /^\/(?:v1|admin|docs|assets|\.well-known)(?:\/|$)/;

const NOT_BUILT = 'The portal is not built: npm run build:portal\n';

/** Where the portal is: in an installation beside the built API, in a clone where Vite writes it. */
export function findPortal(): string {
  const beside = fileURLToPath(new URL('./portal', import.meta.url));
  const inClone = fileURLToPath(new URL('../../../../apps/portal/dist', import.meta.url));
  return existsSync(path.join(beside, 'index.html')) ? beside : inClone;
}

/**
 * Serves the built portal: its files, and its one page at every address that isn't somebody else's. Without inline scripts; a style element
 * needs the nonce that its page was given, while attributes may have styles, which run nothing.
 */
export function makePortal({ dir, chance }: Deps): RequestHandler {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.locals.nonce = chance.bytes(NONCE_BYTES).toString('base64');
    next();
  }, policy);
  const assets = path.join(dir, 'assets');
  router.use(
    '/assets',
    makeCompressed(assets),
    express.static(assets, { immutable: true, maxAge: ASSET_AGE, index: false }),
  );
  router.use(express.static(dir, { index: false, maxAge: '1h', redirect: false }));
  router.get('/{*page}', (request, response, next) => {
    if (NOT_PAGES.test(request.path) || path.extname(request.path) !== '' || !request.accepts('html')) return next();
    sendPage(dir, request, response);
  });
  return (request, response, next) => {
    if (NOT_PAGES.test(request.path) && !request.path.startsWith('/assets/')) return next();
    router(request, response, next);
  };
}

function sendPage(dir: string, request: Request, response: Response): void {
  const file = path.join(dir, 'index.html');
  response.setHeader('Cache-Control', 'no-store');
  if (!existsSync(file)) return void response.status(503).type('text').send(NOT_BUILT);
  const page = readFileSync(file, 'utf8').replaceAll(PLACEHOLDER, String(response.locals.nonce));
  sendCompressed(request, response.type('html'), page);
}

const nonceOf = (_request: unknown, response: unknown) => `'nonce-${String((response as Response).locals.nonce)}'`;

const policy = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", nonceOf],
      'style-src-attr': ["'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'connect-src': ["'self'"],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
}) as (request: Request, response: Response, next: () => void) => void;
