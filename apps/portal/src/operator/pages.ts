import type { Scope } from '@berth/contract/scopes';
import type { IconName } from '../parts/icon.tsx';

/** The console's pages, in the order of its navigation. @param scope what a role must allow to see it */
export const operatorPages = [
  { name: 'home', to: '/ops', icon: 'home', scope: undefined },
  { name: 'sites', to: '/ops/sites', icon: 'globe', scope: undefined },
  { name: 'orders', to: '/ops/orders', icon: 'box', scope: undefined },
  { name: 'hosts', to: '/ops/hosts', icon: 'server', scope: undefined },
  { name: 'incidents', to: '/ops/incidents', icon: 'alert', scope: undefined },
  { name: 'deliveries', to: '/ops/deliveries', icon: 'send', scope: 'operator' },
  { name: 'keys', to: '/ops/keys', icon: 'key', scope: 'admin' },
  { name: 'users', to: '/ops/users', icon: 'user', scope: 'admin' },
  { name: 'audit', to: '/ops/audit', icon: 'shield', scope: 'admin' },
  { name: 'doctor', to: '/ops/doctor', icon: 'stethoscope', scope: 'admin' },
] as const satisfies readonly { name: string; to: string; icon: IconName; scope: Scope | undefined }[];
