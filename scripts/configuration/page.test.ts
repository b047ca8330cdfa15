import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configurationPage } from './page.ts';

const at = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  test('says what the schemas say (npm run docs)', () => {
    expect(at('docs/configuration.md')).toBe(configurationPage());
  });

  test("knows every variable of .env.example, and every one of the seed's", () => {
    const names = [...at('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'DATABASE_URL',
        'CF_API_TOKEN',
        'CF_ACCOUNT_ID',
        'CF_ZONE_ID',
        'TUNNEL_CONFIG_DIR',
        'CUSTOMER_PORT_START',
        'CUSTOMER_PORT_END',
        'SLACK_WEBHOOK_URL',
        'ADMIN_EMAIL',
      ]),
    );
    for (const name of names) expect(configurationPage()).toContain(`| \`${name}\` |`);
  });
});
