/** What the doctor looks at, by the id of each check. What was found and what to do about it says the API. */
export const check = {
  cloudflare: {
    account: 'The Cloudflare account is reached',
    permission: {
      access: 'Permission Account → Access: Apps and Policies: Edit',
      'access-tokens': 'Permission Account → Access: Service Tokens: Edit',
      analytics: 'Permission Zone → Analytics: Read',
      dns: 'Permission Zone → DNS: Edit',
      logs: 'Permission Zone → Logs: Edit',
      tunnel: 'Permission Account → Cloudflare Tunnel: Edit',
      waf: 'Permission Zone → Zone WAF: Edit',
      'zone-edit': 'Permission Zone → Zone: Edit, for all zones of the account',
      'zone-read': 'Permission Zone → Zone: Read',
    },
    token: 'Cloudflare’s token is valid',
  },
  cloudflared: {
    version: 'cloudflared is new enough',
  },
  connectors: {
    folders: 'Folders of units and configurations can be written',
  },
  docker: {
    answers: 'Docker answers',
    disk: 'Room on the disk of Docker’s folder',
    'live-restore': 'Containers outlive a restart of Docker',
    seccomp: 'System calls of containers are filtered',
    version: 'Docker is new enough',
  },
  health: {
    docker: 'Docker says how containers are',
    events: 'Docker tells of containers that end',
    ports: 'Containers’ ports are reached',
    sweeps: 'The host is looked at again and again',
    systemd: 'systemd says how tunnels are',
  },
  host: {
    clock: 'Clock',
    firewall: 'The host and other customers are protected from containers',
    ports: 'Berth’s ports are free of strangers',
    state: 'The host takes sites',
    subnets: 'The addresses of containers are Berth’s alone',
    watched: 'The host’s sites are looked after',
  },
  notifier: {
    heartbeat: 'Somebody outside waits for signs of life',
    operators: 'Operators are told what fails',
    slack: 'Slack’s address',
    smtp: 'The mail server takes e-mail',
    webhooks: 'Webhooks go where they should',
  },
  postgres: {
    answers: 'Postgres answers',
    clock: 'This process’s clock',
    connections: 'Postgres has connections to give',
    migrations: 'All migrations are applied',
    primary: 'Postgres can be written to',
    version: 'Postgres is new enough',
  },
  queue: {
    place: 'Where the queues are',
  },
  redis: {
    answers: 'Redis answers',
    eviction: 'Redis throws nothing away',
    memory: 'Redis has memory to give',
    persistence: 'Redis keeps its queues over a crash',
    version: 'Redis is new enough',
  },
  service: {
    looks: 'The service looks again and again',
  },
  systemd: {
    version: 'systemd is new enough',
  },
};
