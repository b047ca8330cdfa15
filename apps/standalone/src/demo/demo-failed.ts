import type { VisitedSite } from './visit-sites.ts';

/** The demo failed in a way that it can tell; `sites` is what there was to see. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed';
  readonly sites: readonly VisitedSite[];

  constructor(message: string, sites: readonly VisitedSite[] = []) {
    super(message);
    this.sites = sites;
  }
}
