/**
 * For `zones z`, which may be missing: its name servers as far as anybody outside may be told them. Before what the former ones know is in
 * the zone, a customer who sets them would lose mail.
 */
export const TOLD_NAME_SERVERS = `case when z.told_at is not null or z.first_active_at is not null then z.name_servers else '{}'::text[] end`;
