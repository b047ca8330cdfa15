import { z } from 'zod';

const time = z.iso.datetime();

/** An empty body: everything is in the address. */
export const domainCheckRequest = z.strictObject({}).meta({ id: 'DomainCheckRequest' });

export const dsFinding = z
  .object({
    status: z.enum(['absent', 'must-be-removed', 'in-use', 'unknown']).meta({
      description:
        'must-be-removed: the domain is signed by its present provider, and would not be found by many once its name servers are changed; in-use: the zone is active, and stays so',
    }),
    message: z.string(),
    records: z.array(z.object({ keyTag: z.int(), algorithm: z.int(), digestType: z.int() })),
  })
  .meta({ id: 'DsFinding' });

/** What the name servers of a domain's parent said when they were asked. */
export const domainCheck = z
  .object({
    site: z.string(),
    domain: z.string(),
    status: z
      .enum(['set', 'partly-set', 'not-set', 'not-registered', 'withheld', 'unknown'])
      .meta({ description: 'withheld: which name servers to set is not told yet; unknown: nobody answered in time' }),
    message: z.string().meta({ description: 'a sentence to act on' }),
    found: z.array(z.string()).meta({ description: 'in small letters, sorted' }),
    expected: z.array(z.string()).meta({ description: 'empty as long as they are withheld' }),
    parent: z.string().nullable().meta({ description: 'the zone that was asked, such as de; null when unknown' }),
    ds: dsFinding,
    checkedAt: time,
  })
  .meta({ id: 'DomainCheck' });

/** How a domain stands on its way to Cloudflare. */
export const siteDomain = z
  .object({
    site: z.string(),
    domain: z.string(),
    domainUnicode: z.string(),
    zone: z.enum(['missing', 'pending', 'active', 'moved', 'deleted']),
    activeAt: time.nullable(),
    nameServers: z.object({
      state: z.enum(['told', 'withheld']).meta({
        description: 'withheld: the customer must not change them yet; reason and message say why',
      }),
      names: z.array(z.string()),
      reason: z.string().meta({ description: 'the reason of the condition `zone`' }),
      message: z.string(),
    }),
    mail: z.object({
      status: z.enum(['checking', 'taken-over', 'missing', 'none-found', 'unknown', 'not-looked']).meta({
        description:
          'missing: the zone lacks records of its mail, and the name servers are withheld until it has them; unknown: nothing was found at the present provider, or nobody could look, so a person must see to it before the switch; not-looked: the zone was in use before',
      }),
      message: z.string(),
      records: z.int().meta({ description: 'how many records of its mail were found, and are kept' }),
    }),
    records: z
      .array(
        z.object({
          type: z.string(),
          name: z.string(),
          content: z.string(),
          priority: z.int().nullable(),
          purpose: z.enum(['mail', 'web', 'other']),
          state: z.enum(['taken-over', 'to-come', 'refused', 'missing']),
        }),
      )
      .meta({
        description: 'what was found at the present provider; web records are replaced when the site goes live',
      }),
    lastCheck: domainCheck.nullable(),
  })
  .meta({ id: 'SiteDomain' });

export type DsFinding = z.output<typeof dsFinding>;
export type DomainCheck = z.output<typeof domainCheck>;
export type SiteDomain = z.output<typeof siteDomain>;
