const LACKS = 'The token lacks it, or could not be asked for it.';
const ADD = 'Add this permission to the token (dash.cloudflare.com, API Tokens).';

/** What the doctor found where a check isn't well, and what to do, by the id of the check. Names and numbers are in the API's own sentence. */
export const finding = {
  cloudflare: {
    account: {
      what: 'The account at Cloudflare is not reached with this token.',
      fix: 'Compare CF_ACCOUNT_ID with the account that the token is for.',
    },
    permission: {
      access: { what: `${LACKS} Sites whose visitors should sign in stay without it.`, fix: ADD },
      'access-tokens': { what: `${LACKS} Berth itself does not see sites behind Access.`, fix: ADD },
      analytics: { what: `${LACKS} Figures and requests of sites are missing.`, fix: ADD },
      dns: { what: `${LACKS} Domains do not lead to their sites.`, fix: ADD },
      logs: { what: `${LACKS} Whole logs are not pushed.`, fix: ADD },
      tunnel: { what: `${LACKS} No tunnel is made.`, fix: ADD },
      waf: { what: `${LACKS} Rules by address and limits do not come into force.`, fix: ADD },
      'zone-edit': { what: `${LACKS} New orders wait for their zone.`, fix: ADD },
      'zone-read': { what: `${LACKS} Nobody sees when a domain becomes active.`, fix: ADD },
    },
    token: {
      what: 'Cloudflare does not take the token, does not answer, or the token ends soon.',
      fix: 'Make a token with the permissions of the README, set CF_API_TOKEN, and restart Berth. Where Cloudflare does not answer, wait.',
    },
  },
  cloudflared: {
    version: {
      what: 'cloudflared is missing on this host, or too old.',
      fix: 'Install or update cloudflared on this host, and check CLOUDFLARED_PATH.',
    },
  },
  connectors: {
    folders: {
      what: 'Folders that Berth needs for tunnels cannot be written to.',
      fix: 'Make the folders, and let the worker write there; it runs as root.',
    },
  },
  docker: {
    answers: {
      what: 'Docker does not answer: no container of this host starts.',
      fix: 'Look with systemctl status docker, and check DOCKER_HOST of the container-worker.',
    },
    disk: {
      what: 'Room for images runs short, or has run out.',
      fix: 'Make room; docker system df shows what takes it.',
    },
    'live-restore': {
      what: 'live-restore is off: each restart of Docker takes all sites of this host down.',
      fix: 'Set "live-restore": true in /etc/docker/daemon.json, then systemctl reload docker.',
    },
    seccomp: {
      what: 'Docker runs without seccomp: system calls of containers are not filtered.',
      fix: 'Use a kernel and a Docker with seccomp; docker info shows it.',
    },
    version: {
      what: 'Docker is too old.',
      fix: 'Update Docker on this host.',
    },
  },
  health: {
    docker: {
      what: 'Docker does not say how containers are: nobody looks after them.',
      fix: 'See that Docker runs, and that the health-worker reaches it.',
    },
    events: {
      what: 'A container that ends is only noticed at the next look.',
      fix: 'See that Docker answers the health-worker.',
    },
    ports: {
      what: 'Ports of containers take no connections.',
      fix: 'Run the health-worker in the host’s own network (Compose: network_mode: host); else look at the containers’ logs.',
    },
    sweeps: {
      what: 'The look at this host is late, or has failed.',
      fix: 'Read the log of the health-worker.',
    },
    systemd: {
      what: 'systemd does not say how tunnels are: nobody looks after them.',
      fix: 'Check SYSTEMCTL_PATH, and that the health-worker reaches the host’s systemd.',
    },
  },
  host: {
    clock: {
      what: 'The clock of this host differs from that of Postgres.',
      fix: 'Synchronise the clocks (timedatectl set-ntp true).',
    },
    firewall: {
      what: 'The firewall does not stand: no container of this host is started.',
      fix: 'docs/hosts.md tells what it needs. Set BERTH_FIREWALL=elsewhere only where something else protects.',
    },
    ports: {
      what: 'Something else holds ports that Berth gives out.',
      fix: 'End what listens there (ss -ltnp shows it), or move the range.',
    },
    state: {
      what: 'The host is down.',
      fix: 'Start it and its workers again, or move its sites.',
    },
    subnets: {
      what: 'Another network has addresses that Berth gives to containers.',
      fix: 'Remove that network, or set BERTH_SUBNET_POOL to a range that nothing else uses.',
    },
    watched: {
      what: 'Nobody looks after the sites of this host.',
      fix: 'Start health-worker on this host, and read its log.',
    },
  },
  notifier: {
    heartbeat: {
      what: 'Signs of life do not arrive outside.',
      fix: 'Check HEARTBEAT_URL; what it waits for stands in the log of the notifier.',
    },
    operators: {
      what: 'Nobody is told when something fails.',
      fix: 'Set SLACK_WEBHOOK_URL, or SMTP_URL with ADMIN_EMAIL.',
    },
    slack: {
      what: 'The address is no incoming webhook of Slack.',
      fix: 'Copy it once more: https://hooks.slack.com/services/T…/B…/…',
    },
    smtp: {
      what: 'E-mails do not go out.',
      fix: 'Check SMTP_URL, and that the mail server answers and takes the login.',
    },
    webhooks: {
      what: 'Webhooks do not go where they should, or not only there.',
      fix: 'Check the addresses of the receivers, and which are allowed.',
    },
  },
  postgres: {
    answers: {
      what: 'Postgres does not answer.',
      fix: 'See that Postgres runs, and check DATABASE_URL.',
    },
    clock: {
      what: 'The clock of this process differs from that of Postgres.',
      fix: 'Synchronise the clocks (timedatectl set-ntp true).',
    },
    connections: {
      what: 'Postgres has hardly any connections left.',
      fix: 'Raise max_connections, or put a pooler before Postgres.',
    },
    migrations: {
      what: 'A migration began and did not end: no process starts any more.',
      fix: 'Mend the database, then delete its row in _prisma_migrations.',
    },
    primary: {
      what: 'This Postgres is a standby: nothing can be written.',
      fix: 'Let DATABASE_URL point to the primary.',
    },
    version: {
      what: 'Postgres is too old, or gets no more fixes.',
      fix: 'Update Postgres.',
    },
  },
  queue: {
    place: {
      what: 'The queues are not reached.',
      fix: 'Check REDIS_URL or DATABASE_URL.',
    },
  },
  redis: {
    answers: {
      what: 'Redis does not answer.',
      fix: 'See that Redis runs, and check REDIS_URL.',
    },
    eviction: {
      what: 'Redis throws away what is too much, jobs as well.',
      fix: 'Set maxmemory-policy noeviction (redis.conf, and CONFIG SET).',
    },
    memory: {
      what: 'The memory of Redis is nearly full.',
      fix: 'Raise maxmemory.',
    },
    persistence: {
      what: 'Redis loses its queues in a crash, or cannot write to its disk.',
      fix: 'Set appendonly yes, and look at Redis’s disk and log.',
    },
    version: {
      what: 'Redis is too old.',
      fix: 'Update Redis.',
    },
  },
  service: {
    looks: {
      what: 'This service does not look: it is not running, or does not reach the database.',
      fix: 'Start it, and read its log.',
    },
  },
  systemd: {
    version: {
      what: 'systemd does not answer, or is too old.',
      fix: 'Check SYSTEMCTL_PATH, and use a distribution with a later systemd.',
    },
  },
};
