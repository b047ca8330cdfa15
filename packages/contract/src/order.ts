import { z } from 'zod';

/** What a container may do inside. */
export const containerProfile = z.enum(['strict', 'compatible']).meta({
  description:
    "strict: no capabilities, read-only root, /tmp and /run in memory; compatible: Docker's default capabilities without NET_RAW, a root that can be written",
});

const PORTS = 'must be a whole number from 3000 to 3999';

/** A port of the host that is wished for. */
export const wishedPort = z.int(PORTS).min(3000, PORTS).max(3999, PORTS).meta({
  description: 'a port of the host that is wished for: 3000 to 3099 for staging, above for production',
});

/** What the order system posts. Domain, image, memory, processors and environment are read more closely by the API. */
export const orderRequest = z
  .strictObject({
    orderId: z
      .string()
      .regex(/^[\w.:-]{1,100}$/, 'must be 1 to 100 letters, digits, . _ : or -')
      .meta({ description: "the order system's id of the order", example: '1001' }),
    customer: z.strictObject({
      id: z
        .string()
        .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must match [a-z0-9][a-z0-9_-]{0,39}')
        .meta({ description: "the order system's id of the customer", example: 'customer_123' }),
      name: z.string().trim().min(1).max(200).meta({ example: 'Erika Mustermann' }),
      email: z.email().max(254).meta({ example: 'erika@example.org' }),
      notify: z.boolean().optional().meta({
        description: 'whether Berth writes to the customer by e-mail; not given: as before, at first not',
      }),
      language: z
        .enum(['de', 'en'])
        .optional()
        .meta({ description: 'in which language; not given: as before, at first en' }),
    }),
    domain: z.string().min(1).max(253).meta({ description: 'a registrable domain', example: 'mustermann.de' }),
    image: z.string().min(1).max(512).meta({ example: 'registry.example.org/site:1.4.2' }),
    licenseKey: z.string().min(1).max(4096).meta({ description: 'reaches the container as DELQHI_LICENSE_KEY' }),
    environment: z.enum(['production', 'staging']).default('production'),
    env: z.record(z.string().max(128), z.string().max(32_768)).optional().meta({ description: 'further variables' }),
    memory: z.string().max(16).default('512m'),
    cpus: z.union([z.string().max(8), z.number()]).default('0.5'),
    healthPath: z
      .string()
      .regex(/^\/[\w./~%-]{0,255}$/, 'must be a path such as /health')
      .default('/health'),
    profile: containerProfile.default('strict'),
    port: wishedPort.optional(),
    existingZone: z
      .boolean()
      .default(false)
      .meta({ description: 'the zone may have been active before; takes a key with the scope operator' }),
  })
  .meta({ id: 'OrderRequest' });

export type OrderRequest = z.output<typeof orderRequest>;

/** The parts of a site: it has both, or one of them alone. */
export const part = z.enum(['container', 'tunnel']).meta({ id: 'Part' });

/** In which state a site is, in one word. */
export const siteState = z.enum(['queued', 'working', 'waiting', 'online', 'degraded', 'leaving', 'gone']).meta({
  id: 'SiteState',
  description: 'waiting: for the customer or an operator; degraded: was online and something is not as it should be',
});

export type SiteState = z.output<typeof siteState>;

/** An order in a list. */
export const orderSummary = z
  .object({
    orderId: z.string(),
    customer: z.object({ id: z.string(), name: z.string() }),
    site: z.string().meta({ description: "the site's key; ordered again after it went, it names the later site" }),
    domain: z.string(),
    state: siteState,
    environment: z.string(),
    createdAt: z.iso.datetime(),
    liveAt: z.iso.datetime().nullable(),
    goneAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'OrderSummary' });

/** What an order was answered with. */
export const orderAccepted = z
  .object({
    orderId: z.string(),
    site: z.string().meta({ description: "the site's key" }),
    domain: z.string(),
    state: siteState,
    nameServers: z.array(z.string()).meta({ description: 'to be set at the registrar; empty until they are known' }),
    operation: z.object({ id: z.string(), url: z.string() }),
  })
  .meta({ id: 'OrderAccepted' });

export type OrderSummary = z.output<typeof orderSummary>;
export type OrderAccepted = z.output<typeof orderAccepted>;
