import type { Messages } from '../messages.ts';

export const event: Messages['event'] = {
  deletion: {
    requested: 'Entfernung angefordert',
  },
  deploy: {
    requested: 'Neue Version angefordert',
  },
  health: {
    'crash-looping': 'Bleibt immer wieder stehen',
    restarted: 'Von selbst neu gestartet',
  },
  host: {
    back: 'Host ist wieder da',
    down: 'Host ist ausgefallen',
    draining: 'Host nimmt keine weiteren Websites an',
    ready: 'Host nimmt wieder Websites an',
    unwatched: 'Host wird nicht überwacht',
    watched: 'Host wird wieder überwacht',
  },
  image: {
    pulling: 'Image wird geladen',
    resolved: 'Image wurde auf seinen Digest festgelegt',
  },
  order: {
    accepted: 'Bestellung angenommen',
    canceled: 'Bestellung storniert',
    failed: 'Einrichtung blieb stehen',
    live: 'Live',
  },
  placement: {
    lost: 'Zieht auf einen anderen Host',
  },
  port: {
    replaced: 'Port ersetzt',
  },
  protection: {
    repaired: 'Jemand hat den Schutz bei Cloudflare geändert',
    requested: 'Schutz angefordert',
  },
  release: {
    failed: 'Neue Version ist gescheitert',
  },
  restart: {
    requested: 'Neustart angefordert',
  },
  retry: {
    requested: 'Neuer Versuch angefordert',
  },
  site: {
    down: 'Ausgefallen',
    gone: 'Entfernt',
    recovered: 'Wieder gesund',
  },
  tunnel: {
    requested: 'Tunnel angefordert',
  },
  zone: {
    confirmed: 'Zone bestätigt',
    kept: 'Zone bleibt bestehen',
    'mail-unknown': 'Mail-Einträge nicht bekannt',
    'records-taken-over': 'Einträge übernommen',
  },
};
