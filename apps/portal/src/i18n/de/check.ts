import type { check as english } from '../en/check.ts';
import type { Texts } from '../messages.ts';

export const check: Texts<typeof english> = {
  cloudflare: {
    account: 'Das Cloudflare-Konto ist erreichbar',
    permission: {
      access: 'Recht Account → Access: Apps and Policies: Edit',
      'access-tokens': 'Recht Account → Access: Service Tokens: Edit',
      analytics: 'Recht Zone → Analytics: Read',
      dns: 'Recht Zone → DNS: Edit',
      logs: 'Recht Zone → Logs: Edit',
      tunnel: 'Recht Account → Cloudflare Tunnel: Edit',
      waf: 'Recht Zone → Zone WAF: Edit',
      'zone-edit': 'Recht Zone → Zone: Edit, für alle Zonen des Kontos',
      'zone-read': 'Recht Zone → Zone: Read',
    },
    token: 'Das Token von Cloudflare gilt',
  },
  cloudflared: {
    version: 'cloudflared ist neu genug',
  },
  connectors: {
    folders: 'Die Ordner der Units und Konfigurationen sind beschreibbar',
  },
  docker: {
    answers: 'Docker antwortet',
    disk: 'Platz auf dem Datenträger von Docker',
    'live-restore': 'Container überstehen einen Neustart von Docker',
    seccomp: 'Systemaufrufe der Container werden gefiltert',
    version: 'Docker ist neu genug',
  },
  health: {
    docker: 'Docker sagt, wie es den Containern geht',
    events: 'Docker meldet Container, die enden',
    ports: 'Die Ports der Container sind erreichbar',
    sweeps: 'Der Host wird immer wieder geprüft',
    systemd: 'systemd sagt, wie es den Tunneln geht',
  },
  host: {
    clock: 'Uhr',
    firewall: 'Der Host und andere Kunden sind vor Containern geschützt',
    ports: 'Die Ports von Berth sind frei von Fremdem',
    state: 'Der Host nimmt Websites an',
    subnets: 'Die Adressen der Container gehören Berth allein',
    watched: 'Die Websites des Hosts werden überwacht',
  },
  notifier: {
    heartbeat: 'Jemand außerhalb wartet auf Lebenszeichen',
    operators: 'Operatoren erfahren, was ausfällt',
    slack: 'Adresse von Slack',
    smtp: 'Der Mailserver nimmt E-Mails an',
    webhooks: 'Webhooks gehen dorthin, wohin sie sollen',
  },
  postgres: {
    answers: 'Postgres antwortet',
    clock: 'Uhr dieses Prozesses',
    connections: 'Postgres hat noch Verbindungen frei',
    migrations: 'Alle Migrationen sind eingespielt',
    primary: 'Postgres ist beschreibbar',
    version: 'Postgres ist neu genug',
  },
  queue: {
    place: 'Wo die Warteschlangen liegen',
  },
  redis: {
    answers: 'Redis antwortet',
    eviction: 'Redis wirft nichts weg',
    memory: 'Redis hat noch Speicher frei',
    persistence: 'Redis behält seine Warteschlangen auch nach einem Absturz',
    version: 'Redis ist neu genug',
  },
  service: {
    looks: 'Der Dienst prüft immer wieder',
  },
  systemd: {
    version: 'systemd ist neu genug',
  },
};
