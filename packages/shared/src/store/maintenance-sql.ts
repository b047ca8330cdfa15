/** for `sites s` and `maintenance_windows w`: the window lasts, and is of the site, of a host that it is on, or of all */
export const LASTS_FOR_SITE = `w.starts_at <= now() and now() < w.ends_at and (w.scope = 'all' or w.site_id = s.id
  or w.host_id in (select p.host_id from placements p where p.site_id = s.id and p.gone_at is null))`;
