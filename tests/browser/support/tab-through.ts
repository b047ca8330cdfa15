import type { Page } from 'playwright-core';

/** More than any page has to offer. */
const MOST_TABS = 250;

/** What stands for an element whatever the clock says: its kind, where it leads and what it's called, up to the first digit. */
const NAME_OF = `(one) => {
  const called = one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent ?? '';
  return [one.tagName.toLowerCase(), one.getAttribute('href'), called.replace(/\\d[^]*$/, '').trim().slice(0, 60)].filter(Boolean).join(' ');
}`;

const REACHABLE = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }) && (one.type !== 'radio' || one.checked))
  .map(${NAME_OF})`;

const FOCUSED = `(() => {
  const one = document.activeElement;
  return one === null || one === document.body ? null : (${NAME_OF})(one);
})()`;

/**
 * Goes through a page by Tab alone.
 * @returns the names of what can be pressed or filled in and was not come to
 */
export async function missedByTab(page: Page): Promise<string[]> {
  const seen = new Set<string>();
  for (let n = 0; n < MOST_TABS; n += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate<string | null>(FOCUSED);
    if (name !== null) seen.add(name);
    // Asked for anew: pages that live change while they are gone through.
    if (n % 10 === 9 && (await missing(page, seen)).length === 0) return [];
  }
  return missing(page, seen);
}

async function missing(page: Page, seen: ReadonlySet<string>): Promise<string[]> {
  const wanted = await page.evaluate<string[]>(REACHABLE);
  return wanted.filter((name) => !seen.has(name));
}
