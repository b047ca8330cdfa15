import type { Operation } from '@berth/contract/operation';
import { readSite } from '../api/read-site.ts';
import { Failure } from '../failure.ts';
import { readSecret } from '../settings.ts';
import { askOf, type ChangeOptions, confirm, patience, type Shell, tellChange } from './shell.ts';

const pathOf = (key: string) => `/v1/sites/${encodeURIComponent(key)}`;

interface DeployOptions extends ChangeOptions {
  port?: number;
  profile?: string;
  create?: boolean;
}

/** Wants one more restart. */
export async function restartSite(shell: Shell, key: string, part: string, options: ChangeOptions): Promise<void> {
  if (part !== 'container' && part !== 'tunnel') {
    throw new Failure({ ending: 'usage', what: `what is restarted is container or tunnel, not ${part}` });
  }
  const ask = askOf(shell);
  const operation = await ask<Operation>({
    doing: `restarting the ${part} of site ${key}`,
    method: 'POST',
    path: `${pathOf(key)}/restarts`,
    body: { target: part },
  });
  await tellChange(shell, options, {
    ask,
    operation,
    begun: `a restart of the ${part} of site ${key} was asked for`,
    done: () => `the ${part} of site ${key} was restarted`,
  });
}

/** Wants another image. With --wait the last line is the container's status, in Docker's words. */
export async function deploySite(shell: Shell, key: string, image: string, options: DeployOptions): Promise<void> {
  const ask = askOf(shell);
  const { port, profile, create } = options;
  const licenseKey = readSecret(shell.environment, 'LICENSE_KEY');
  const operation = await ask<Operation>({
    doing: `deploying ${image} to site ${key}`,
    method: 'POST',
    path: `${pathOf(key)}/deploys`,
    body: {
      image,
      ...(licenseKey !== undefined && { licenseKey }),
      ...(port !== undefined && { port }),
      ...(profile && { profile }),
      ...(create && { create }),
    },
    ...patience(shell, options),
  });
  await tellChange(shell, options, {
    ask,
    operation,
    begun: `a deploy of ${image} to site ${key} was asked for`,
    done: async () => (await readSite(ask, key)).container?.dockerStatus ?? '',
  });
}

/** Wants a site gone, after its domain (or key, where it has none) was said once more. */
export async function deleteSite(shell: Shell, key: string, options: ChangeOptions & { yes?: boolean }): Promise<void> {
  const ask = askOf(shell);
  const { domain } = await readSite(ask, key);
  await confirm(
    shell,
    options,
    `site ${key} (${domain ?? 'a container alone'}) goes with everything of it`,
    domain ?? key,
  );
  const operation = await ask<Operation>({
    doing: `deleting site ${key}`,
    method: 'DELETE',
    path: pathOf(key),
    body: { domain },
  });
  await tellChange(shell, options, {
    ask,
    operation,
    begun: `the deletion of site ${key} was asked for`,
    done: () => `site ${key} is gone`,
  });
}
