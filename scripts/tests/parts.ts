import { whyNoBrowser } from '../../tests/browser/support/browser.ts';
import { onPath, whyNoRealEngine } from '../../tests/real/engine/own-namespaces.ts';
import { whyNoCompose } from '../../tests/support/compose.ts';
import { whyNoDebianPostgres } from '../../tests/support/debian-postgres.ts';
import { whyNoSystemdAnalyze } from '../../tests/support/systemd-analyze.ts';

/** A part of the tests that needs something of the machine. */
export interface Part {
  name: string;
  /** why it cannot run here; undefined when it can */
  missing: string | undefined;
  /** what it needs comes from elsewhere than Debian's packages, so that CI may have to do without it */
  isOptional?: boolean;
}

/** What runs over the simulators, and what of it cannot run here. */
export function parts(): Part[] {
  return [
    { name: 'unit, integration and end-to-end tests over the simulators, queues on Postgres', missing: undefined },
    {
      name: 'queues on Redis',
      missing: onPath('redis-server')
        ? undefined
        : 'redis-server is not installed (Debian: apt-get install redis-server)',
    },
    { name: 'the portal in a browser', missing: whyNoBrowser() },
    { name: "the installation's files against Compose", missing: whyNoCompose() },
    { name: "the workers' units against systemd-analyze", missing: whyNoSystemdAnalyze(), isOptional: true },
    { name: 'back-ups by pg_dump', missing: whyNoDebianPostgres() },
    {
      name: "Prometheus's rules",
      missing: onPath('promtool') ? undefined : 'promtool is not installed (Debian: apt-get install prometheus)',
    },
    {
      name: "the simulator's answers against Cloudflare's own description",
      missing: process.env.CLOUDFLARE_OPENAPI ? undefined : 'CLOUDFLARE_OPENAPI names no file',
      isOptional: true,
    },
  ];
}

/** Why the tier against real Docker cannot run here; undefined when it can. */
export function whyNoRealTier(): string | undefined {
  return whyNoRealEngine();
}
