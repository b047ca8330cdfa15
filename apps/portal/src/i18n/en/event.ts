/** What happened to a site or a host, by the type of the event. */
export const event = {
  deletion: {
    requested: 'Deletion requested',
  },
  deploy: {
    requested: 'New version requested',
  },
  health: {
    'crash-looping': 'Stops again and again',
    restarted: 'Restarted by itself',
  },
  host: {
    back: 'Host is back',
    down: 'Host is down',
    draining: 'Host takes no further sites',
    ready: 'Host takes sites again',
    unwatched: 'Host is not looked after',
    watched: 'Host is looked after again',
  },
  image: {
    pulling: 'Image is being pulled',
    resolved: 'Image was resolved to its digest',
  },
  order: {
    accepted: 'Order accepted',
    canceled: 'Order canceled',
    failed: 'Set-up stopped',
    live: 'Live',
  },
  placement: {
    lost: 'Goes to another host',
  },
  port: {
    replaced: 'Port replaced',
  },
  protection: {
    repaired: 'Somebody changed the protection at Cloudflare',
    requested: 'Protection requested',
  },
  release: {
    failed: 'New version failed',
  },
  restart: {
    requested: 'Restart requested',
  },
  retry: {
    requested: 'Another try requested',
  },
  site: {
    down: 'Down',
    gone: 'Gone',
    recovered: 'Recovered',
  },
  tunnel: {
    requested: 'Tunnel requested',
  },
  zone: {
    confirmed: 'Zone confirmed',
    kept: 'Zone kept',
    'mail-unknown': 'Mail records unknown',
    'records-taken-over': 'Records taken over',
  },
};
