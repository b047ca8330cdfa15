import { EngineError } from './engine-error.ts';
import { type Json, toNumber, toRecord, toText } from './json.ts';

/** Of the simulated host, as `GET /info` says. */
export const hostCpus = 2;

const smallestMemory = 6 * 1024 * 1024;
const policies: ReadonlySet<string> = new Set(['', 'no', 'always', 'unless-stopped', 'on-failure']);

/** Refuses limits and policies that dockerd refuses. @throws EngineError 400 in its words */
export function checkHostConfig(hostConfig: Json): void {
  const memory = toNumber(hostConfig.Memory);
  const swap = toNumber(hostConfig.MemorySwap);
  const cpus = toNumber(hostConfig.NanoCpus);
  const policy = toRecord(hostConfig.RestartPolicy);
  const name = toText(policy.Name);
  if (memory !== 0 && memory < smallestMemory) {
    throw new EngineError(400, 'Minimum memory limit allowed is 6MB');
  }
  if (swap > 0 && memory === 0) {
    throw new EngineError(400, 'You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  if (swap > 0 && swap < memory) {
    throw new EngineError(400, 'Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (cpus < 0 || cpus > hostCpus * 1e9) {
    throw new EngineError(
      400,
      `Range of CPUs is from 0.01 to ${hostCpus}.00, as there are only ${hostCpus} CPUs available`,
    );
  }
  if (!policies.has(name)) {
    throw new EngineError(400, `invalid restart policy '${name}'`);
  }
  if (name !== 'on-failure' && toNumber(policy.MaximumRetryCount) !== 0) {
    throw new EngineError(400, `maximum retry count cannot be used with restart policy '${name}'`);
  }
}
