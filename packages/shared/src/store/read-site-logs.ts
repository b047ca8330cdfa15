import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import type { LogSource, LogStream } from './site-logs.ts';

/** A line as the API shows it; `id` grows with each of a site's lines. */
export interface ReadLine {
  id: string;
  at: string;
  source: LogSource;
  stream: LogStream;
  line: string;
}

const COLUMNS = `id::text, ${iso('at')} as at, source, stream, line`;

/** $1 site, $2 after this id, $3 source or null, $4 words or null, $5 at most */
const after: Statement = {
  name: 'site-logs-after',
  text: `select ${COLUMNS} from site_logs where site_id = $1 and id > $2::bigint and ($3::text is null or source = $3)
    and ($4::text is null or strpos(lower(line), lower($4)) > 0) order by site_logs.id limit $5`,
};

/** $1 site, $2 since or null, $3 source or null, $4 words or null, $5 at most: the last ones, in their order */
const last: Statement = {
  name: 'site-logs-last',
  text: `select ${COLUMNS} from (
    select * from site_logs where site_id = $1 and ($2::timestamptz is null or at >= $2) and ($3::text is null or source = $3)
      and ($4::text is null or strpos(lower(line), lower($4)) > 0) order by id desc limit $5
  ) newest order by newest.id`,
};

/** What a reader wants of a site's lines. */
export interface LineFilter {
  source?: LogSource | undefined;
  /** lines that hold this text, in whatever case */
  search?: string | undefined;
}

/** A site's lines after one of them, the oldest first. @param id `0` from the first one on */
export async function readLinesAfter(
  db: Database,
  siteId: string,
  id: string,
  filter: LineFilter,
  limit: number,
): Promise<ReadLine[]> {
  return db.run<ReadLine & Record<string, unknown>>(after, [
    siteId,
    id,
    filter.source ?? null,
    filter.search ?? null,
    limit,
  ]);
}

/** A site's last lines, the oldest first. @param since ISO 8601, or all that is kept */
export async function readLastLines(
  db: Database,
  siteId: string,
  since: string | undefined,
  filter: LineFilter,
  limit: number,
): Promise<ReadLine[]> {
  return db.run<ReadLine & Record<string, unknown>>(last, [
    siteId,
    since ?? null,
    filter.source ?? null,
    filter.search ?? null,
    limit,
  ]);
}
