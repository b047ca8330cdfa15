import { customerContact, customerContactChange } from '../customer.ts';
import { orderAccepted, orderRequest, orderSummary } from '../order.ts';
import { siteFilter } from '../site.ts';
import { listOf, page, type RouteSpec } from './route-spec.ts';

/** Customers, and what they ordered. */
export const orderRoutes = {
  getContact: {
    method: 'get',
    path: '/v1/customers/{customer}/contact',
    summary: 'How a customer is written to',
    scopes: ['sites:read'],
    customers: 'own',
    status: 200,
    answer: customerContact,
  },
  changeContact: {
    method: 'put',
    path: '/v1/customers/{customer}/contact',
    summary: 'Say in which language a customer is written to, and whether at all',
    scopes: ['operator'],
    customers: 'own',
    body: customerContactChange,
    status: 200,
    answer: customerContact,
    errors: [422],
  },
  createOrder: {
    method: 'post',
    path: '/v1/orders',
    summary: 'Order a site',
    scopes: ['orders:write'],
    customers: 'nothing',
    idempotent: true,
    body: orderRequest,
    status: 202,
    answer: orderAccepted,
    errors: [409, 413, 415, 422],
  },
  listOrders: {
    method: 'get',
    path: '/v1/orders',
    summary: 'List orders, the newest first, with what became of each',
    scopes: ['sites:read'],
    customers: 'nothing',
    query: page.extend(siteFilter),
    status: 200,
    answer: listOf(orderSummary),
  },
  getOrder: {
    method: 'get',
    path: '/v1/orders/{orderId}',
    summary: 'What became of an order',
    scopes: ['orders:write', 'sites:read'],
    customers: 'nothing',
    status: 200,
    answer: orderAccepted,
  },
} as const satisfies Record<string, RouteSpec>;
