import type { DashboardSpec } from './panels.ts';

const quantile = (q: number, metric: string, by: string, where = '') =>
  `histogram_quantile(${q}, sum by (le${by && `, ${by}`}) (rate(${metric}_bucket${where}[$__rate_interval])))`;
const rate = (metric: string, by: string, where = '') =>
  `sum by (${by}) (rate(${metric}_count${where}[$__rate_interval]))`;

const reconciles = 'berth_reconcile_duration_seconds';
const requests = 'berth_http_request_duration_seconds';
const calls = 'berth_cloudflare_call_duration_seconds';

/** Grafana's dashboards. Each metric that is asked for is one that Berth has: a test looks. */
export const dashboards: readonly DashboardSpec[] = [
  {
    uid: 'berth-overview',
    title: 'Berth: overview',
    panels: [
      {
        title: 'Sites by state',
        description: 'Sites that are not gone, by the state that the API says of each.',
        unit: 'short',
        queries: [['sum by (state) (berth_sites)', '{{state}}']],
      },
      {
        title: 'Open incidents',
        description: 'What was confirmed to be down and is not back.',
        unit: 'short',
        queries: [['sum by (kind) (berth_incidents_open)', '{{kind}}']],
      },
      {
        title: 'Requests to the API',
        description: 'Requests per second, by status.',
        unit: 'reqps',
        queries: [[rate(requests, 'status'), '{{status}}']],
      },
      {
        title: 'Orders: how long the API takes',
        description: 'From the request to the answer; the goal is well below a second.',
        unit: 's',
        queries: [
          [quantile(0.5, requests, '', '{route="createOrder"}'), 'p50'],
          [quantile(0.99, requests, '', '{route="createOrder"}'), 'p99'],
        ],
      },
      {
        title: 'Oldest work that nobody took',
        description:
          'How long the first due condition of each queue has waited. More than a few seconds: workers are missing.',
        unit: 's',
        queries: [['max by (queue) (berth_conditions_oldest_due_seconds)', '{{queue}}']],
      },
      {
        title: 'Restarts by Berth itself',
        description: 'Restarts in a quarter of an hour.',
        unit: 'short',
        queries: [['sum by (target) (increase(berth_restarts_total[15m]))', '{{target}}']],
      },
    ],
  },
  {
    uid: 'berth-provisioning',
    title: 'Berth: from order to live',
    panels: [
      {
        title: 'From active zone to live',
        description: 'What Berth itself needs, from the moment that the customer has switched name servers.',
        unit: 's',
        queries: [
          [quantile(0.5, 'berth_to_live_seconds', '', '{from="active"}'), 'p50'],
          [quantile(0.95, 'berth_to_live_seconds', '', '{from="active"}'), 'p95'],
        ],
      },
      {
        title: 'From order to live',
        description: 'With the time that customers take to switch name servers.',
        unit: 's',
        queries: [
          [quantile(0.5, 'berth_to_live_seconds', '', '{from="order"}'), 'p50'],
          [quantile(0.95, 'berth_to_live_seconds', '', '{from="order"}'), 'p95'],
        ],
      },
      {
        title: 'Looks at conditions',
        description: 'Per second, by aspect.',
        unit: 'reqps',
        queries: [[rate(reconciles, 'aspect'), '{{aspect}}']],
      },
      {
        title: 'Looks that failed',
        description: 'Their share, by aspect; a single one is tried again and harmless.',
        unit: 'percentunit',
        queries: [[`${rate(reconciles, 'aspect', '{result="failed"}')} / ${rate(reconciles, 'aspect')}`, '{{aspect}}']],
      },
      {
        title: 'How long a look takes',
        description: 'The ninety-fifth of a hundred, by aspect.',
        unit: 's',
        queries: [[quantile(0.95, reconciles, 'aspect'), '{{aspect}}']],
      },
      {
        title: 'Jobs in the queues',
        description: 'Hints that wait. The truth is in the database: see the oldest work in the overview.',
        unit: 'short',
        queries: [['sum by (queue) (berth_queue_jobs{state="waiting"})', '{{queue}}']],
      },
    ],
  },
  {
    uid: 'berth-cloudflare',
    title: 'Berth: Cloudflare',
    panels: [
      {
        title: 'Calls by outcome',
        description: 'Per second; 429 and 5xx are waited for and tried again.',
        unit: 'reqps',
        queries: [[rate(calls, 'outcome'), '{{outcome}}']],
      },
      {
        title: 'Calls by endpoint',
        description: 'Per second.',
        unit: 'reqps',
        queries: [[rate(calls, 'call'), '{{call}}']],
      },
      {
        title: 'How long Cloudflare takes',
        description: 'The ninety-fifth of a hundred, by endpoint.',
        unit: 's',
        queries: [[quantile(0.95, calls, 'call'), '{{call}}']],
      },
      {
        title: 'Calls left',
        description: "Of the account's budget, at once. None left: steps wait for their turn.",
        unit: 'short',
        queries: [['min by (account) (berth_cloudflare_calls_left)', '{{account}}']],
      },
      {
        title: 'Sweeps over zones',
        description: 'How long a sweep takes, and how late it begins.',
        unit: 's',
        queries: [
          [quantile(0.95, 'berth_sweep_duration_seconds', 'sweep'), '{{sweep}} p95'],
          ['max by (sweep) (berth_sweep_lag_seconds)', '{{sweep}} late by'],
        ],
      },
    ],
  },
  {
    uid: 'berth-hosts',
    title: 'Berth: hosts and processes',
    panels: [
      {
        title: 'Free ports',
        description: 'Ports of customers that can be given, by host.',
        unit: 'short',
        queries: [['sum by (host) (berth_host_ports{pool="customer", state="free"})', '{{host}}']],
      },
      {
        title: 'Memory that is promised',
        description: 'The share of what each host may promise to sites.',
        unit: 'percentunit',
        queries: [
          [
            'sum by (host) (berth_host_memory_bytes{state="promised"}) / sum by (host) (berth_host_memory_bytes)',
            '{{host}}',
          ],
        ],
      },
      {
        title: 'Taken ports',
        description: 'Sites on each host, by pool.',
        unit: 'short',
        queries: [['sum by (host, pool) (berth_host_ports{state="taken"})', '{{host}} {{pool}}']],
      },
      {
        title: 'Processes that answer',
        description: 'One where it answers, nothing where it does not.',
        unit: 'short',
        queries: [['up{job="berth"}', '{{instance}}']],
      },
      {
        title: 'Memory of the processes',
        description: 'Resident memory.',
        unit: 'bytes',
        queries: [['process_resident_memory_bytes{job="berth"}', '{{instance}}']],
      },
      {
        title: 'Event loop, how late',
        description: 'The ninety-ninth of a hundred turns; above 0.1 s the process has too much to do.',
        unit: 's',
        queries: [['nodejs_eventloop_lag_p99_seconds{job="berth"}', '{{instance}}']],
      },
      {
        title: 'Processor',
        description: 'Processor seconds a second.',
        unit: 'short',
        queries: [['rate(process_cpu_seconds_total{job="berth"}[$__rate_interval])', '{{instance}}']],
      },
    ],
  },
];
