import type { Database, Statement } from './database.ts';

/** What somebody's reading of a site stands on: their session, and for a customer whose site it is. */
export interface Standing {
  sessionId: string;
  /** the site's key, where it has to be theirs */
  site: string | null;
}

/** $1 sessions, $2 keys of sites or null, in the same order; sites as `findSite` finds them. Whoever has no session, or none any more, has no standing. */
const read: Statement = {
  name: 'session-standings',
  text: `select asked.place, md5(row(u.id, u.email, u.role, coalesce(u.banned, false), coalesce(u.two_factor_enabled, false),
      seen.id, seen.role, seen.banned, own.id, own.email)::text) as standing
  from unnest($1::uuid[], $2::text[]) with ordinality asked (session_id, key, place)
  join sessions s on s.id = asked.session_id and s.expires_at > now()
  join users u on u.id = s.user_id
  left join lateral (select a.id, a.role, coalesce(a.banned, false) as banned, exists (select from sessions o
      where o.user_id = a.id and o.expires_at > now() and o.impersonated_by is null) as signed_in
    from users a where a.id::text = s.impersonated_by) seen on true
  left join lateral (select t.id, c.email from sites t join customers c on c.id = t.customer_id where t.key = asked.key
    order by t.gone_at desc nulls first, t.created_at desc limit 1) own on true
  where s.impersonated_by is null or seen.signed_in`,
};

/**
 * Reads what many readings stand on, in one statement. As long as one's answer is the same, nothing has changed of what decides whether they
 * may go on.
 * @returns in the order of `asked`; undefined where the session doesn't count (any more)
 */
export async function readStandings(db: Database, asked: readonly Standing[]): Promise<(string | undefined)[]> {
  const sessions = asked.map(({ sessionId }) => sessionId);
  const keys = asked.map(({ site }) => site);
  const rows = await db.run<{ place: string; standing: string }>(read, [sessions, keys]);
  const found = new Map(rows.map(({ place, standing }) => [Number(place), standing]));
  return asked.map((_, at) => found.get(at + 1));
}
