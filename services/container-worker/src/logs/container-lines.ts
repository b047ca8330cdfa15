import { messageOf } from '@berth/shared/errors/berth-error';
import type { LineSink, LineSource } from '@berth/shared/runtime/lines/line-source';
import type { Log } from '@berth/shared/runtime/log';
import type { ContainerLogs, LoggedContainer } from './log-access.ts';
import { isAfter } from './log-frames.ts';

/** What the containers of this host write: each of them is followed, and its place is the Engine's own time of a line. */
export function makeContainerLines(logs: ContainerLogs, log: Log): LineSource {
  const following = new Map<string, Promise<void>>();
  /** stopped containers whose last line was read: they have nothing more to say until they run again */
  const done = new Set<string>();
  let present: string[] = [];

  async function follow({ id, siteId, isRunning }: LoggedContainer, position: string | undefined, sink: LineSink) {
    let last = position;
    for await (const { time, stream, text } of logs.follow(id, last, sink.signal)) {
      if (last !== undefined && !isAfter(time, last)) continue;
      await sink.take({ siteId, at: time, stream, text }, id, time);
      last = time;
    }
    if (!isRunning) done.add(id);
  }

  function begin(container: LoggedContainer, position: string | undefined, sink: LineSink): void {
    const { id } = container;
    const end = follow(container, position, sink)
      .catch((error: unknown) => {
        if (!sink.signal.aborted)
          log.debug({ containerId: id.slice(0, 12), err: messageOf(error) }, 'lines of a container could not be read');
      })
      .finally(() => following.delete(id));
    following.set(id, end);
  }

  return {
    kind: 'container',
    present: () => present,
    async look(sink) {
      const containers = await logs.list(sink.signal);
      present = containers.map(({ id }) => id);
      const there = new Set(present);
      for (const id of done) if (!there.has(id)) done.delete(id);
      for (const { id, isRunning } of containers) if (isRunning) done.delete(id);
      const fresh = containers.filter(({ id }) => !following.has(id) && !done.has(id));
      const positions = await sink.positionsOf(fresh.map(({ id }) => id));
      for (const container of fresh) begin(container, positions.get(container.id), sink);
    },
    async ended() {
      await Promise.all(following.values());
    },
  };
}
