import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What a process counts and times. Labels are words of ours, never a customer's: they must not grow with what is sold.
 * Names follow Prometheus: `berth_`, base units, `_total` for what only grows.
 */
export interface Metrics {
  registry: Registry;
  /** seconds of a look at a condition, by what it ended with: `recorded`, `failed` or `lost` */
  reconciles: Histogram<'aspect' | 'result'>;
  /** seconds from an order, and from its zone's activity, to its site's first answer through the edge */
  toLive: Histogram<'from'>;
  /** seconds of a request to the API */
  requests: Histogram<'method' | 'route' | 'status'>;
  /** seconds of a call to Cloudflare, by method and path without ids, and by `ok`, an HTTP status or `no-answer` */
  cloudflareCalls: Histogram<'call' | 'outcome'>;
  /** seconds of a sweep, such as `zones` */
  sweeps: Histogram<'sweep' | 'result'>;
  /** seconds by which the last sweep began later than it should have */
  sweepLag: Gauge<'sweep'>;
  /** tries to tell somebody something, by channel and by `delivered`, `pending` (tried again), `failed` (given up) or `canceled` */
  deliveries: Counter<'channel' | 'result'>;
  /** restarts that Berth asked for by itself */
  restarts: Counter<'target'>;
}

const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** A customer changes name servers within minutes or within weeks. */
const PATIENT = [1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400, 604_800, 2_419_200];

/** Makes what one process measures; two of them share nothing. */
export function makeMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    reconciles: new Histogram({
      name: 'berth_reconcile_duration_seconds',
      help: 'Looks at a condition, by aspect and result',
      labelNames: ['aspect', 'result'],
      buckets: QUICK,
      registers,
    }),
    toLive: new Histogram({
      name: 'berth_to_live_seconds',
      help: 'From an order, or from its active zone, to the first answer through the edge',
      labelNames: ['from'],
      buckets: PATIENT,
      registers,
    }),
    requests: new Histogram({
      name: 'berth_http_request_duration_seconds',
      help: 'Requests to the API, by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: QUICK,
      registers,
    }),
    cloudflareCalls: new Histogram({
      name: 'berth_cloudflare_call_duration_seconds',
      help: 'Calls to Cloudflare, by endpoint and outcome',
      labelNames: ['call', 'outcome'],
      buckets: QUICK,
      registers,
    }),
    sweeps: new Histogram({
      name: 'berth_sweep_duration_seconds',
      help: 'Sweeps over zones and hosts, by result',
      labelNames: ['sweep', 'result'],
      buckets: QUICK,
      registers,
    }),
    sweepLag: new Gauge({
      name: 'berth_sweep_lag_seconds',
      help: 'By how much the last sweep began late',
      labelNames: ['sweep'],
      registers,
    }),
    deliveries: new Counter({
      name: 'berth_deliveries_total',
      help: 'Tries to tell somebody something, by channel and result',
      labelNames: ['channel', 'result'],
      registers,
    }),
    restarts: new Counter({
      name: 'berth_restarts_total',
      help: 'Restarts that were asked for because a site did not answer',
      labelNames: ['target'],
      registers,
    }),
  };
}
