import { lookup, Resolver } from 'node:dns/promises';
import { BerthError } from '@berth/shared/errors/berth-error';

/**
 * An address of `hostname` as the zone's own name servers say it: a recursive resolver may still remember what was before.
 * @throws BerthError `edge.unreachable` when none of them answers
 */
export async function resolveAtNameServers(
  hostname: string,
  nameServers: readonly string[],
  signal: AbortSignal,
  port = 53,
): Promise<string> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    resolver.setServers((await addressesOf(nameServers)).map((address) => `${address}:${port}`));
    const [first] = await resolver.resolve4(hostname);
    if (!first) throw new Error('no address');
    return first;
  } catch (cause) {
    throw new BerthError('edge.unreachable', `asking ${nameServers.join(', ')} for ${hostname}`, { cause });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** The addresses of those that have one: a zone is answered for by either of its name servers. */
async function addressesOf(nameServers: readonly string[]): Promise<string[]> {
  const found = await Promise.allSettled(nameServers.map((name) => lookup(name, { family: 4 })));
  const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value.address] : []));
  if (addresses.length === 0) throw new Error('no name server has an address');
  return addresses;
}
