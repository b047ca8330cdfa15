import { z } from 'zod';

const time = z.iso.datetime();
const reason = z.string().meta({ description: 'a constant, such as NameserversNotChanged' });
const message = z.string().meta({ description: 'a sentence to act on' });

const about = {
  orderId: z.string().meta({ description: "the order system's id of the order" }),
  site: z.string().meta({ description: "the site's key" }),
  customer: z.string().meta({ description: "the order system's id of the customer" }),
  domain: z.string(),
  path: z.string().meta({ description: "the site's address below the API's own", example: '/v1/sites/customer_123' }),
};

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, description: string, data: Shape) =>
  z
    .object({ type: z.literal(type), timestamp: time, data: z.object({ ...about, ...data }) })
    .meta({ id: `Webhook.${type}`, description });

const ofCustomer = <Type extends string, Shape extends z.ZodRawShape>(type: Type, description: string, data: Shape) =>
  z
    .object({ type: z.literal(type), timestamp: time, data: z.object({ customer: about.customer, ...data }) })
    .meta({ id: `Webhook.${type}`, description });

/** Every message that is sent to webhooks, by its type; a new field may be added to any of them. */
export const webhookEvents = {
  'order.accepted': event('order.accepted', 'an order was taken in', {}),
  'order.live': event('order.live', 'a site answers on its domain, for the first time', { url: z.url() }),
  'order.failed': event(
    'order.failed',
    "what was ordered doesn't work as it is: its image can't be had, or doesn't get healthy. Berth goes on trying; another image may be deployed, and order.live may still come",
    { release: z.int(), reason, message },
  ),
  'order.canceled': event('order.canceled', 'the site is to go before it ever was live', {}),
  'site.action_required': event('site.action_required', 'nothing goes on before somebody does something', {
    actor: z.enum(['customer', 'operator']).meta({ description: 'who must do it' }),
    aspect: z.string(),
    reason,
    message,
    nameServers: z.array(z.string()).meta({ description: "to be set at the registrar; empty where that isn't it" }),
  }),
  'site.down': event('site.down', 'a site that was live does not answer as it should; said once until it does again', {
    aspect: z.string(),
    reason,
    message,
    maintenance: z.string().nullable().meta({ description: 'the reason of the maintenance in which that happens' }),
  }),
  'site.recovered': event('site.recovered', 'it does again', {
    aspect: z.string(),
    message,
    since: time.nullable().meta({ description: 'when it went down' }),
    restarts: z.int().meta({ description: 'how often Berth restarted something meanwhile' }),
  }),
  'site.gone': event('site.gone', 'a site was taken away, and nothing of it is left', {}),
  'release.failed': event('release.failed', 'a deploy failed, and the release before it stays', {
    release: z.int(),
    reason,
    message,
  }),
  'customer.email_changed': ofCustomer('customer.email_changed', 'a customer has changed their e-mail address', {
    email: z.string(),
    formerEmail: z.string(),
  }),
} as const;

export type WebhookEventType = keyof typeof webhookEvents;
export type WebhookEvent = { [Type in WebhookEventType]: z.output<(typeof webhookEvents)[Type]> }[WebhookEventType];

/** The names of all of them. */
export const webhookEventTypes = Object.keys(webhookEvents) as [WebhookEventType, ...WebhookEventType[]];
