import { DOCKER_HUB } from '@berth/shared/domain/image-name';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { RegistryLogin } from '@berth/shared/runtime/registry-login';
import { within } from '@berth/shared/runtime/within';
import type Docker from 'dockerode';
import type { Images, PullOptions } from '../reconcile/container-access.ts';
import { guarded, unless } from './docker-errors.ts';
import { toPullError } from './pull-errors.ts';
import { makePullProgress, type PullLine } from './pull-progress.ts';

const TIMEOUT_MS = 30_000;

/** Images of this host, over the Engine's API. */
export function makeDockerImages(docker: Docker, { pullTimeoutMs }: { pullTimeoutMs: number }): Images {
  return {
    async find(reference, signal) {
      const shown = await unless(
        [404],
        guarded(`reading image ${reference}`, signal, TIMEOUT_MS, () => docker.getImage(reference).inspect()),
      );
      return shown && { id: shown.Id, digests: shown.RepoDigests ?? [] };
    },

    async pull(reference, { login, onProgress }, signal) {
      const ended = within(signal, pullTimeoutMs);
      try {
        // The deadline is that of the registry, so it's no sign that the Engine is away.
        await guarded(`pulling image ${reference}`, ended, 2 * pullTimeoutMs, (abortSignal) =>
          follow(docker, reference, { login, onProgress }, abortSignal),
        );
      } catch (error) {
        if (signal.aborted) throw error;
        if (ended.aborted) {
          const message = `pulling image ${reference}: not finished in ${pullTimeoutMs / 1000} s (IMAGE_PULL_SECONDS)`;
          throw new BerthError('registry.unavailable', message);
        }
        throw isBerthError(error, 'docker.unavailable') ? error : toPullError(reference, login, error);
      }
    },
  };
}

/** Pulls until the Engine's report ends. @throws what the Engine refused, at once or, without a status of its own, in the middle */
async function follow(
  docker: Docker,
  reference: string,
  { login, onProgress }: PullOptions,
  abortSignal: AbortSignal,
): Promise<void> {
  const options = { abortSignal, ...(login && { authconfig: toAuthConfig(login) }) };
  const report: NodeJS.ReadableStream = await docker.pull(reference, options);
  const add = makePullProgress();
  let refusal: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      report,
      (error) => (error ? reject(error) : resolve()),
      (line: PullLine) => {
        refusal ??= line.error;
        onProgress?.(add(line));
      },
    );
  });
  if (refusal !== undefined) throw Object.assign(new Error(refusal), { statusCode: 500 });
}

/** What goes along as `X-Registry-Auth`; the Engine keeps it no longer than the pull. */
function toAuthConfig({ registry, username, password }: RegistryLogin): Docker.AuthConfig {
  const serveraddress = registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry;
  return { username, password: password.reveal(), serveraddress };
}
