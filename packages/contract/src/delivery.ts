import { z } from 'zod';

/** The ways by which something is told. */
export const channelKinds = ['slack', 'email', 'webhook'] as const;

export type ChannelKind = (typeof channelKinds)[number];

const time = z.iso.datetime();

export const deliveryState = z.enum(['pending', 'delivered', 'failed', 'canceled']).meta({
  id: 'DeliveryState',
  description: 'pending: tried again at dueAt; failed: given up; canceled: its place was disabled or deleted',
});

/** One message to one place, and what became of it. */
export const delivery = z
  .object({
    id: z.uuid(),
    messageId: z.string().meta({ description: 'the same with each try and at each place: the header webhook-id' }),
    kind: z.string().meta({ example: 'order.live' }),
    channel: z.enum(channelKinds),
    target: z.string().meta({ description: "a webhook endpoint's id, an e-mail address, or `operators`" }),
    site: z.string().nullable(),
    state: deliveryState,
    tries: z.int(),
    dueAt: time.nullable().meta({ description: 'the next try' }),
    answerCode: z.int().nullable().meta({ description: 'what the place answered last' }),
    error: z.string().nullable(),
    attemptedAt: time.nullable(),
    finishedAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'Delivery' });

/** With what is told. */
export const deliveryDetail = delivery
  .extend({ payload: z.record(z.string(), z.unknown()) })
  .meta({ id: 'DeliveryDetail' });

export const attemptRequest = z.strictObject({}).meta({ id: 'AttemptRequest' });

export type Delivery = z.output<typeof delivery>;
export type DeliveryState = z.output<typeof deliveryState>;
export type DeliveryDetail = z.output<typeof deliveryDetail>;
