import { z } from 'zod';

const time = z.iso.datetime();
const maybeTime = time.nullable();

export const healthOutcome = z
  .enum(['healthy', 'unhealthy', 'unreachable', 'unknown'])
  .meta({ description: 'unknown: not looked at within three intervals' });

const seen = z.enum(['healthy', 'unhealthy', 'unreachable']).nullable();

/** How one aspect of a site stood at the last look. */
export const aspectHealth = z
  .object({
    aspect: z.enum(['container', 'tunnel', 'edge']),
    host: z.string(),
    outcome: healthOutcome,
    reason: z.string().meta({ description: 'a constant, such as Timeout; empty while healthy' }),
    message: z.string().nullable().meta({ description: 'what is wrong, as a sentence' }),
    code: z.int().nullable().meta({ description: "the answer's HTTP status" }),
    latencyMs: z.int().nullable(),
    checkedAt: time,
    since: maybeTime.meta({ description: 'since when it is healthy, or fails' }),
    failures: z.int().meta({ description: 'failing checks in a row' }),
    word: z.string().nullable().meta({ description: "Docker's or systemd's own word" }),
    connections: z.int().nullable().meta({ description: "a tunnel's connections to the edge" }),
    restarts: z
      .array(z.object({ at: time, by: z.enum(['health', 'docker', 'systemd']), reason: z.string() }))
      .meta({ description: 'the last twenty starts, the newest first' }),
    restartedInARow: z.int().meta({ description: 'restarts by Berth since it was last healthy for ten minutes' }),
    nextRestartAfter: maybeTime.meta({ description: 'Berth does not restart it before' }),
  })
  .meta({ id: 'AspectHealth' });

export const siteHealth = z
  .object({
    site: z.string(),
    outcome: healthOutcome.nullable().meta({ description: 'the worst of its aspects; null before the first look' }),
    aspects: z.array(aspectHealth),
    beats: z
      .array(
        z.object({
          at: time,
          outcome: seen,
          code: z.int().nullable(),
          latencyMs: z.int().nullable(),
          tunnel: seen,
          connections: z.int().nullable(),
          edge: seen,
          edgeCode: z.int().nullable(),
          edgeLatencyMs: z.int().nullable(),
          error: z.string().nullable(),
        }),
      )
      .meta({ description: 'the last 90 checks, the oldest first; what a check did not look at is null' }),
    incidents: z
      .array(
        z.object({
          kind: z.string(),
          aspect: z.string().nullable(),
          reason: z.string(),
          message: z.string(),
          openedAt: time,
          closedAt: maybeTime,
          restarts: z.int().nullable(),
        }),
      )
      .meta({ description: 'the last ten, the newest first' }),
  })
  .meta({ id: 'SiteHealth' });

export type SiteHealth = z.output<typeof siteHealth>;
