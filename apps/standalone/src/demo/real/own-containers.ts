import type { openDocker } from '@berth/container-worker/start';

/** The networks of the demo's sites are cut from it, and by that are known again. */
export const DEMO_POOL = '10.211.0.0/16';
const IN_POOL = /^10\.211\./;
const OF_BERTH = ['berth.site'];

/** Takes the demo's containers and their networks off the machine. Those of others stay. */
export async function removeContainers(docker: ReturnType<typeof openDocker>): Promise<void> {
  const networks = await docker.listNetworks({ filters: { label: OF_BERTH } });
  for (const { Id, IPAM } of networks) {
    if (!IPAM?.Config?.some(({ Subnet = '' }) => IN_POOL.test(Subnet))) continue;
    const containers = await docker.listContainers({ all: true, filters: { label: OF_BERTH, network: [Id] } });
    await Promise.all(containers.map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })));
    await docker.getNetwork(Id).remove();
  }
}
