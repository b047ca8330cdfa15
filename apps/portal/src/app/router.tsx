import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { domainQuery, meQuery, siteQuery } from '../api/queries.ts';
import { checkAuditSearch, checkDeliverySearch, checkOrdersSearch, checkSitesSearch } from '../operator/searches.ts';
import { checkRequestSearch } from '../operator/site/request-search.ts';
import { BrokenPage, Loading, NotFoundPage } from './error-page.tsx';
import { isOwnPath } from './own-path.ts';
import { queryClient } from './query-client.ts';
import { RootFrame } from './root-frame.tsx';

const customerPages = async () => (await import('../customer/pages.ts')).pages;
const ENROL = '/second-factor';

const root = createRootRouteWithContext<{ queryClient: typeof queryClient }>()({ component: RootFrame });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string } => (isOwnPath(search.to) ? { to: search.to } : {}),
  component: lazyRouteComponent(() => import('../sign-in/customer-sign-in.tsx'), 'CustomerSignIn'),
});
const signInLink = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/link',
  component: lazyRouteComponent(() => import('../sign-in/link-sign-in.tsx'), 'LinkSignIn'),
});
const addressChange = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/address',
  component: lazyRouteComponent(() => import('../sign-in/address-change.tsx'), 'AddressChange'),
});
const operatorSignIn = createRoute({
  getParentRoute: () => root,
  path: '/operators',
  component: lazyRouteComponent(() => import('../sign-in/operator-sign-in.tsx'), 'OperatorSignIn'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/invitation',
  component: lazyRouteComponent(() => import('../sign-in/invitation.tsx'), 'Invitation'),
});

/** What a page shows is asked for beside its script, not after it, and drawn at once. What became of it the page says. */
const shown = async (...asked: Promise<unknown>[]): Promise<void> => void (await Promise.allSettled(asked));

/** Everything else is for who has signed in. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { to: location.href } });
    // Until they have a second factor they may do nothing else.
    if (me.secondFactor === 'missing' && location.pathname !== ENROL) throw redirect({ to: ENROL });
    return { me };
  },
  component: Outlet,
});
const enrol = createRoute({
  getParentRoute: () => signedIn,
  path: ENROL,
  component: lazyRouteComponent(() => import('../sign-in/enrol-page.tsx'), 'EnrolPage'),
});
const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: ({ context: { me } }) => {
    throw redirect({ to: me.user.role === 'customer' ? '/my' : '/ops' });
  },
});

const customer = createRoute({
  getParentRoute: () => signedIn,
  path: '/my',
  beforeLoad: ({ context: { me } }) => {
    if (me.user.role !== 'customer') throw redirect({ to: '/ops' });
  },
  component: lazyRouteComponent(customerPages, 'CustomerShell'),
});
const myStart = createRoute({
  getParentRoute: () => customer,
  path: '/',
  beforeLoad: ({ context: { me } }) => {
    const site = me.sites[0];
    if (!site) return;
    const to = site.state === 'waiting' || site.state === 'queued' || site.state === 'working' ? 'domain' : 'website';
    throw redirect({ to: `/my/$key/${to}`, params: { key: site.key } });
  },
  component: lazyRouteComponent(customerPages, 'NoSite'),
});
const myDomain = createRoute({
  getParentRoute: () => customer,
  path: '/$key/domain',
  loader: ({ context: { queryClient: client }, params: { key } }) =>
    shown(client.ensureQueryData(siteQuery(key)), client.ensureQueryData(domainQuery(key))),
  component: lazyRouteComponent(customerPages, 'DomainPage'),
});
const myWebsite = createRoute({
  getParentRoute: () => customer,
  path: '/$key/website',
  loader: ({ context: { queryClient: client }, params: { key } }) => shown(client.ensureQueryData(siteQuery(key))),
  component: lazyRouteComponent(customerPages, 'WebsitePage'),
});
const myVisitors = createRoute({
  getParentRoute: () => customer,
  path: '/$key/visitors',
  component: lazyRouteComponent(() => import('../customer/visitors-page.tsx'), 'VisitorsPage'),
});
const myProtection = createRoute({
  getParentRoute: () => customer,
  path: '/$key/protection',
  component: lazyRouteComponent(() => import('../customer/protection-page.tsx'), 'ProtectionPage'),
});
const myContact = createRoute({
  getParentRoute: () => customer,
  path: '/$key/contact',
  component: lazyRouteComponent(() => import('../customer/contact-page.tsx'), 'ContactPage'),
});

const operator = createRoute({
  getParentRoute: () => signedIn,
  path: '/ops',
  beforeLoad: ({ context: { me } }) => {
    if (me.user.role === 'customer') throw redirect({ to: '/my' });
  },
  component: lazyRouteComponent(() => import('../operator/operator-shell.tsx'), 'OperatorShell'),
});
const opsHome = createRoute({
  getParentRoute: () => operator,
  path: '/',
  component: lazyRouteComponent(() => import('../operator/home-page.tsx'), 'HomePage'),
});
const opsSites = createRoute({
  getParentRoute: () => operator,
  path: '/sites',
  validateSearch: checkSitesSearch,
  component: lazyRouteComponent(() => import('../operator/sites-page.tsx'), 'SitesPage'),
});
const opsSite = createRoute({
  getParentRoute: () => operator,
  path: '/sites/$key',
  component: lazyRouteComponent(() => import('../operator/site/site-page.tsx'), 'SitePage'),
});
const opsRequests = createRoute({
  getParentRoute: () => operator,
  path: '/sites/$key/requests',
  validateSearch: checkRequestSearch,
  component: lazyRouteComponent(() => import('../operator/site/requests-page.tsx'), 'RequestsPage'),
});
const opsProtection = createRoute({
  getParentRoute: () => operator,
  path: '/sites/$key/protection',
  component: lazyRouteComponent(() => import('../operator/site/protection-page.tsx'), 'ProtectionPage'),
});
const opsOrders = createRoute({
  getParentRoute: () => operator,
  path: '/orders',
  validateSearch: checkOrdersSearch,
  component: lazyRouteComponent(() => import('../operator/orders-page.tsx'), 'OrdersPage'),
});
const opsHosts = createRoute({
  getParentRoute: () => operator,
  path: '/hosts',
  component: lazyRouteComponent(() => import('../operator/hosts-page.tsx'), 'HostsPage'),
});
const opsHost = createRoute({
  getParentRoute: () => operator,
  path: '/hosts/$host',
  component: lazyRouteComponent(() => import('../operator/host-page.tsx'), 'HostPage'),
});
const opsIncidents = createRoute({
  getParentRoute: () => operator,
  path: '/incidents',
  component: lazyRouteComponent(() => import('../operator/incidents-page.tsx'), 'IncidentsPage'),
});
const opsDeliveries = createRoute({
  getParentRoute: () => operator,
  path: '/deliveries',
  validateSearch: checkDeliverySearch,
  component: lazyRouteComponent(() => import('../operator/deliveries-page.tsx'), 'DeliveriesPage'),
});
const opsKeys = createRoute({
  getParentRoute: () => operator,
  path: '/keys',
  component: lazyRouteComponent(() => import('../operator/keys-page.tsx'), 'KeysPage'),
});
const opsAudit = createRoute({
  getParentRoute: () => operator,
  path: '/audit',
  validateSearch: checkAuditSearch,
  component: lazyRouteComponent(() => import('../operator/audit-page.tsx'), 'AuditPage'),
});
const opsUsers = createRoute({
  getParentRoute: () => operator,
  path: '/users',
  component: lazyRouteComponent(() => import('../operator/users-page.tsx'), 'UsersPage'),
});
const opsDoctor = createRoute({
  getParentRoute: () => operator,
  path: '/doctor',
  component: lazyRouteComponent(() => import('../operator/doctor-page.tsx'), 'DoctorPage'),
});

const routeTree = root.addChildren([
  signIn,
  signInLink,
  addressChange,
  operatorSignIn,
  invitation,
  signedIn.addChildren([
    start,
    enrol,
    customer.addChildren([myStart, myDomain, myWebsite, myVisitors, myProtection, myContact]),
    operator.addChildren([
      opsHome,
      opsSites,
      opsSite,
      opsRequests,
      opsProtection,
      opsOrders,
      opsHosts,
      opsHost,
      opsIncidents,
      opsDeliveries,
      opsKeys,
      opsUsers,
      opsAudit,
      opsDoctor,
    ]),
  ]),
]);

/** The way between all pages. Made when it's asked for: a phone takes as long for it as for reading all that it's made of. */
export const makeRouter = () =>
  createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingComponent: Loading,
    defaultErrorComponent: BrokenPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });

export type Router = ReturnType<typeof makeRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: Router;
  }
}
