import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { onPath } from '../../real/engine/own-namespaces.ts';

/** Why no browser can be driven here; undefined when one can. */
export function whyNoBrowser(): string | undefined {
  return onPath('chromium') ? undefined : 'chromium is not installed (Debian: apt-get install chromium)';
}

/** How a page is looked at. */
export interface Look {
  language?: 'de' | 'en';
  scheme?: 'light' | 'dark';
  phone?: boolean;
}

const DESKTOP = { width: 1280, height: 860 };
/** As narrow as phones still are. */
const PHONE = { width: 360, height: 780 };

/** Starts Debian's browser. Root has no sandbox to put it in; what it opens is our own. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** A browser as another person has it: with no cookies, or with those of `state`. */
export function openContext(
  browser: Browser,
  { language = 'en', scheme = 'light', phone = false }: Look = {},
  state?: Awaited<ReturnType<BrowserContext['storageState']>>,
): Promise<BrowserContext> {
  return browser.newContext({
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    timezoneId: 'Europe/Berlin',
    colorScheme: scheme,
    reducedMotion: 'reduce',
    viewport: phone ? PHONE : DESKTOP,
    hasTouch: phone,
    ...(state && { storageState: state }),
  });
}

/** Notes what the page complains of: errors, and what its policy forbade. Refusals of the API are the page's business. */
export function listenForComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return complaints;
}
