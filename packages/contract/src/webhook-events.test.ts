import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { webhookEvents } from './webhook-events.ts';

const page = readFileSync(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');

describe('docs/webhooks.md', () => {
  test.each(Object.entries(webhookEvents))('says when %s is sent, and what it holds', (type, schema) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${type}\` |`));
    expect(row, `a row for ${type}`).toBeDefined();
    const common = page.split('\n').find((line) => line.startsWith('Each message holds')) ?? '';
    for (const field of Object.keys(schema.shape.data.shape)) expect(`${common} ${row}`).toContain(`\`${field}\``);
  });
});
