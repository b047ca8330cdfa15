import { CustomerShell } from './customer-shell.tsx';
import { DomainPage } from './domain-page.tsx';
import { NoSite } from './no-site.tsx';
import { WebsitePage } from './website-page.tsx';

/** What every customer sees, in one file: fewer round trips before the first of these pages, and none from it to the next. */
export const pages = { CustomerShell, DomainPage, NoSite, WebsitePage };
