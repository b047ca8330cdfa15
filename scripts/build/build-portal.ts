import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PORTAL = fileURLToPath(new URL('../../apps/portal', import.meta.url));

/** Builds the portal to where the built API looks for it. @param out where the services were built to */
export async function buildPortal(out: string): Promise<void> {
  await build({
    configFile: path.join(PORTAL, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: path.join(out, 'portal') },
  });
}
