import type { Database, Statement } from './database.ts';

const read: Statement = {
  name: 'free-ports-read',
  text: `select port from port_allocations where host_id = $1 and pool <> 'retired' and placement_id is null order by port`,
};

/** The ports of a host that belong to no site: nothing should listen there. */
export async function readFreePorts(db: Database, hostId: string): Promise<number[]> {
  return (await db.run<{ port: number }>(read, [hostId])).map(({ port }) => port);
}
