import { doctorReport } from '../doctor.ts';
import { host, hostChange, hostDetail } from '../host.ts';
import { overview } from '../overview.ts';
import { registry, registryLogin } from '../registry.ts';
import { tunnelSummary } from '../site.ts';
import { listOf, page, type RouteSpec } from './route-spec.ts';

/** All sites at once, and what they run on. */
export const fleetRoutes = {
  getOverview: {
    method: 'get',
    path: '/v1/overview',
    summary:
      'All sites at once: how many stand how, what needs a person first, open incidents, how long it takes to go live',
    scopes: ['sites:read'],
    customers: 'nothing',
    status: 200,
    answer: overview,
  },
  listHosts: {
    method: 'get',
    path: '/v1/hosts',
    summary: 'List hosts, with their room and whether they give signs of life',
    scopes: ['sites:read'],
    customers: 'nothing',
    status: 200,
    answer: listOf(host),
  },
  getHost: {
    method: 'get',
    path: '/v1/hosts/{host}',
    summary: 'One host, with what is on it and what happened to it',
    scopes: ['sites:read'],
    customers: 'nothing',
    status: 200,
    answer: hostDetail,
  },
  changeHost: {
    method: 'patch',
    path: '/v1/hosts/{host}',
    summary: 'Say whether a host gets further sites',
    scopes: ['operator'],
    customers: 'nothing',
    body: hostChange,
    status: 200,
    answer: hostDetail,
    errors: [413, 415, 422],
  },
  listTunnels: {
    method: 'get',
    path: '/v1/tunnels',
    summary: 'List tunnels',
    scopes: ['sites:read'],
    customers: 'nothing',
    query: page,
    status: 200,
    answer: listOf(tunnelSummary),
  },
  examine: {
    method: 'get',
    path: '/v1/doctor',
    summary: 'What the installation stands on: what is wrong, and what to do',
    scopes: ['admin'],
    customers: 'nothing',
    status: 200,
    answer: doctorReport,
  },
  listRegistries: {
    method: 'get',
    path: '/v1/registries',
    summary: 'List the registries whose logins are stored',
    scopes: ['admin'],
    customers: 'nothing',
    status: 200,
    answer: listOf(registry),
  },
  getRegistry: {
    method: 'get',
    path: '/v1/registries/{registry}',
    summary: 'Whether the login of a registry is stored; never the login itself',
    scopes: ['admin'],
    customers: 'nothing',
    status: 200,
    answer: registry,
  },
  putRegistry: {
    method: 'put',
    path: '/v1/registries/{registry}',
    summary: 'Store the login by which images of a registry are pulled, in place of any former one',
    scopes: ['admin'],
    customers: 'nothing',
    body: registryLogin,
    status: 200,
    answer: registry,
    errors: [413, 415, 422],
  },
  deleteRegistry: {
    method: 'delete',
    path: '/v1/registries/{registry}',
    summary: 'Forget the login of a registry',
    scopes: ['admin'],
    customers: 'nothing',
    status: 200,
    answer: registry,
  },
} as const satisfies Record<string, RouteSpec>;
