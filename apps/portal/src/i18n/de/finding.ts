import type { finding as english } from '../en/finding.ts';
import type { Texts } from '../messages.ts';

const LACKS = 'Dem Token fehlt dieses Recht, oder es ließ sich nicht danach fragen.';
const ADD = 'Ergänzen Sie dieses Recht im Token (dash.cloudflare.com, API Tokens).';

export const finding: Texts<typeof english> = {
  cloudflare: {
    account: {
      what: 'Das Konto von Cloudflare ist mit diesem Token nicht zu erreichen.',
      fix: 'Vergleichen Sie CF_ACCOUNT_ID mit dem Konto, für das das Token gilt.',
    },
    permission: {
      access: { what: `${LACKS} Websites, für die sich Besucher anmelden sollen, bleiben ungeschützt.`, fix: ADD },
      'access-tokens': { what: `${LACKS} Websites hinter Access sieht Berth selbst nicht.`, fix: ADD },
      analytics: { what: `${LACKS} Zahlen und Anfragen der Websites fehlen.`, fix: ADD },
      dns: { what: `${LACKS} Domains führen nicht zu ihren Websites.`, fix: ADD },
      logs: { what: `${LACKS} Ganze Protokolle werden nicht ausgeliefert.`, fix: ADD },
      tunnel: { what: `${LACKS} Es entstehen keine Tunnel.`, fix: ADD },
      waf: { what: `${LACKS} Regeln nach Adresse und Grenzen kommen nicht in Kraft.`, fix: ADD },
      'zone-edit': { what: `${LACKS} Neue Bestellungen warten auf ihre Zone.`, fix: ADD },
      'zone-read': { what: `${LACKS} Niemand sieht, wann eine Domain aktiv wird.`, fix: ADD },
    },
    token: {
      what: 'Cloudflare nimmt das Token nicht an, antwortet nicht, oder das Token läuft bald ab.',
      fix: 'Erstellen Sie ein Token mit den Rechten aus der README, setzen Sie CF_API_TOKEN und starten Sie Berth neu. Antwortet Cloudflare nicht, warten Sie.',
    },
  },
  cloudflared: {
    version: {
      what: 'cloudflared fehlt auf diesem Host oder ist zu alt.',
      fix: 'Installieren oder aktualisieren Sie cloudflared auf diesem Host und prüfen Sie CLOUDFLARED_PATH.',
    },
  },
  connectors: {
    folders: {
      what: 'In Ordner, die Berth für Tunnel braucht, kann nicht geschrieben werden.',
      fix: 'Legen Sie die Ordner an und geben Sie dem Worker das Schreibrecht; er läuft als root.',
    },
  },
  docker: {
    answers: {
      what: 'Docker antwortet nicht: Auf diesem Host startet kein Container.',
      fix: 'Sehen Sie mit systemctl status docker nach und prüfen Sie DOCKER_HOST des container-worker.',
    },
    disk: {
      what: 'Der Platz für Images wird knapp oder reicht nicht mehr.',
      fix: 'Schaffen Sie Platz; docker system df zeigt, was ihn belegt.',
    },
    'live-restore': {
      what: 'live-restore ist aus: Jeder Neustart von Docker nimmt alle Websites dieses Hosts mit.',
      fix: 'Setzen Sie "live-restore": true in /etc/docker/daemon.json, dann systemctl reload docker.',
    },
    seccomp: {
      what: 'Docker läuft ohne seccomp: Systemaufrufe der Container werden nicht gefiltert.',
      fix: 'Nehmen Sie einen Kernel und ein Docker mit seccomp; docker info zeigt es.',
    },
    version: {
      what: 'Docker ist zu alt.',
      fix: 'Aktualisieren Sie Docker auf diesem Host.',
    },
  },
  health: {
    docker: {
      what: 'Docker sagt nicht, wie es den Containern geht: Um sie kümmert sich niemand.',
      fix: 'Sehen Sie nach, ob Docker läuft und der health-worker es erreicht.',
    },
    events: {
      what: 'Endet ein Container, fällt es erst bei der nächsten Prüfung auf.',
      fix: 'Sorgen Sie dafür, dass Docker dem health-worker antwortet.',
    },
    ports: {
      what: 'Ports von Containern nehmen keine Verbindungen an.',
      fix: 'Lassen Sie den health-worker im Netz des Hosts laufen (Compose: network_mode: host); sonst sehen Sie im Log der Container nach.',
    },
    sweeps: {
      what: 'Die Prüfung dieses Hosts ist zu spät dran oder fehlgeschlagen.',
      fix: 'Lesen Sie das Log des health-worker.',
    },
    systemd: {
      what: 'systemd sagt nicht, wie es den Tunneln geht: Um sie kümmert sich niemand.',
      fix: 'Prüfen Sie SYSTEMCTL_PATH, und dass der health-worker das systemd des Hosts erreicht.',
    },
  },
  host: {
    clock: {
      what: 'Die Uhr dieses Hosts geht anders als die von Postgres.',
      fix: 'Gleichen Sie die Uhren ab (timedatectl set-ntp true).',
    },
    firewall: {
      what: 'Die Firewall steht nicht: Auf diesem Host startet kein Container.',
      fix: 'docs/hosts.md sagt, was sie braucht. BERTH_FIREWALL=elsewhere setzen Sie nur, wo etwas anderes schützt.',
    },
    ports: {
      what: 'Ports, die Berth vergibt, hat etwas anderes belegt.',
      fix: 'Beenden Sie, was dort lauscht (ss -ltnp zeigt es), oder verschieben Sie den Bereich.',
    },
    state: {
      what: 'Der Host ist ausgefallen.',
      fix: 'Starten Sie ihn und seine Worker wieder, oder ziehen Sie seine Websites um.',
    },
    subnets: {
      what: 'Ein anderes Netz hat Adressen, die Berth Containern gibt.',
      fix: 'Entfernen Sie dieses Netz, oder setzen Sie BERTH_SUBNET_POOL auf einen Bereich, den sonst nichts nutzt.',
    },
    watched: {
      what: 'Die Websites dieses Hosts überwacht niemand.',
      fix: 'Starten Sie den health-worker auf diesem Host und lesen Sie sein Log.',
    },
  },
  notifier: {
    heartbeat: {
      what: 'Die Lebenszeichen kommen draußen nicht an.',
      fix: 'Prüfen Sie HEARTBEAT_URL; im Log des notifier steht, worauf es wartet.',
    },
    operators: {
      what: 'Niemand erfährt, wenn etwas ausfällt.',
      fix: 'Setzen Sie SLACK_WEBHOOK_URL, oder SMTP_URL mit ADMIN_EMAIL.',
    },
    slack: {
      what: 'Die Adresse ist kein eingehender Webhook von Slack.',
      fix: 'Kopieren Sie sie noch einmal: https://hooks.slack.com/services/T…/B…/…',
    },
    smtp: {
      what: 'E-Mails gehen nicht hinaus.',
      fix: 'Prüfen Sie SMTP_URL, und dass der Mailserver antwortet und die Anmeldung nimmt.',
    },
    webhooks: {
      what: 'Webhooks gehen nicht oder nicht nur dorthin, wohin sie sollen.',
      fix: 'Prüfen Sie die Adressen der Empfänger und welche Adressen erlaubt sind.',
    },
  },
  postgres: {
    answers: {
      what: 'Postgres antwortet nicht.',
      fix: 'Sehen Sie nach, ob Postgres läuft, und prüfen Sie DATABASE_URL.',
    },
    clock: {
      what: 'Die Uhr dieses Prozesses geht anders als die von Postgres.',
      fix: 'Gleichen Sie die Uhren ab (timedatectl set-ntp true).',
    },
    connections: {
      what: 'Postgres hat kaum noch Verbindungen frei.',
      fix: 'Erhöhen Sie max_connections, oder stellen Sie einen Pooler vor Postgres.',
    },
    migrations: {
      what: 'Eine Migration hat begonnen und nicht geendet: Kein Prozess startet mehr.',
      fix: 'Bringen Sie die Datenbank in Ordnung, dann löschen Sie die Zeile in _prisma_migrations.',
    },
    primary: {
      what: 'Dieses Postgres ist ein Standby: Niemand kann schreiben.',
      fix: 'Lassen Sie DATABASE_URL auf den Primary zeigen.',
    },
    version: {
      what: 'Postgres ist zu alt oder bekommt keine Korrekturen mehr.',
      fix: 'Aktualisieren Sie Postgres.',
    },
  },
  queue: {
    place: {
      what: 'Die Warteschlangen sind nicht zu erreichen.',
      fix: 'Prüfen Sie REDIS_URL oder DATABASE_URL.',
    },
  },
  redis: {
    answers: {
      what: 'Redis antwortet nicht.',
      fix: 'Sehen Sie nach, ob Redis läuft, und prüfen Sie REDIS_URL.',
    },
    eviction: {
      what: 'Redis wirft weg, was zu viel ist, auch Aufträge.',
      fix: 'Setzen Sie maxmemory-policy noeviction (redis.conf und CONFIG SET).',
    },
    memory: {
      what: 'Der Speicher von Redis ist fast voll.',
      fix: 'Erhöhen Sie maxmemory.',
    },
    persistence: {
      what: 'Redis verliert bei einem Absturz seine Warteschlangen, oder kann nicht auf den Datenträger schreiben.',
      fix: 'Setzen Sie appendonly yes, und sehen Sie nach Datenträger und Log von Redis.',
    },
    version: {
      what: 'Redis ist zu alt.',
      fix: 'Aktualisieren Sie Redis.',
    },
  },
  service: {
    looks: {
      what: 'Dieser Dienst prüft nicht: Er läuft nicht, oder erreicht die Datenbank nicht.',
      fix: 'Starten Sie ihn und lesen Sie sein Log.',
    },
  },
  systemd: {
    version: {
      what: 'systemd antwortet nicht oder ist zu alt.',
      fix: 'Prüfen Sie SYSTEMCTL_PATH, und nehmen Sie eine Distribution mit neuerem systemd.',
    },
  },
};
