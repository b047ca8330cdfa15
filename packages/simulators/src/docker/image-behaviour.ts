/** What the program in an image does; stands for its code. */
export interface ImageBehaviour {
  /** where it listens inside the container; 3000 when absent */
  port?: number;
  /** until it listens, in ms; 5 when absent */
  startMs?: number;
  /** what `/health` answers: 200, 503, or nothing at all */
  health?: 'healthy' | 'unhealthy' | 'hang';
  /** it ends by itself that long after its start, in ms */
  exitsAfterMs?: number;
  exitCode?: number;
  /** its start fails, as with a user that its image doesn't have; without an init also with a command that isn't there */
  startFails?: boolean;
  /** it has no handler for SIGTERM: it doesn't end unless `HostConfig.Init` puts a signal-forwarding PID 1 in front of it */
  stubborn?: boolean;
  /** it ignores SIGTERM, whoever sends it */
  ignoresTerm?: boolean;
}

/** The images that exist in the simulated registry unless the caller names others beside them. */
export const demoImages: Readonly<Record<string, ImageBehaviour>> = {
  'berth-demo/site:1': {},
  'berth-demo/site:2': {},
  'berth-demo/site:latest': {},
  'berth-demo/unhealthy:1': { health: 'unhealthy' },
  'berth-demo/hangs:1': { health: 'hang' },
  'berth-demo/exits:1': { exitsAfterMs: 20, exitCode: 1 },
  'berth-demo/no-start:1': { startFails: true },
  'berth-demo/slow:1': { startMs: 3000 },
  'berth-demo/port-8080:1': { port: 8080 },
  'berth-demo/stubborn:1': { stubborn: true },
  'berth-demo/ignores-term:1': { ignoresTerm: true },
};
