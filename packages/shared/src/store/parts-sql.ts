/** What is wanted of each part, for `sites s`: one that the site doesn't want is to be gone, though the site stays. */
export const WANTED = {
  container: `case when s.wants_container then s.wanted else 'deleted' end`,
  tunnel: `case when s.wants_tunnel then s.wanted else 'deleted' end`,
} as const;

/** Whether `site_conditions c` belongs to a part that `sites s` wants, or to both. */
export const OF_WANTED_PART = `case c.aspect when 'placement' then true when 'container' then s.wants_container else s.wants_tunnel end`;

/** What people call `sites s`: its domain, or its key where it has none. */
export const CALLED_SITE = 'case when s.wants_tunnel then s.domain else s.key end';
