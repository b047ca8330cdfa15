import { describe, expect, test } from 'vitest';
import type { Notice } from '../notices/notice.ts';
import { slackMessage } from './slack-blocks.ts';

const notice: Notice = {
  language: 'en',
  tone: 'bad',
  title: 'mustermann.de is down',
  text: ['it does not answer'],
  facts: [
    ['Host', 'h1'],
    ['Restarted', 'the container, twice'],
  ],
  list: [],
  thread: null,
};

describe('slackMessage', () => {
  test('has a line for where blocks are not shown, and blocks', () => {
    const { text, blocks } = slackMessage(notice);
    expect(text).toBe('🔴 mustermann.de is down: it does not answer');
    expect(blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section']);
    expect(JSON.stringify(blocks)).toContain('*Restarted*\\nthe container, twice');
  });

  test('makes links, mentions and commands plain text', () => {
    const evil = '<!channel> <https://evil.example|click> a & b';
    const sent = JSON.stringify(slackMessage({ ...notice, text: [evil], facts: [['<x>', evil]], list: [evil] }));
    expect(sent).not.toMatch(/<[!@#h]/);
    expect(sent).toContain('&lt;!channel&gt;');
    expect(sent).toContain('a &amp; b');
  });

  test("keeps Slack's limits", () => {
    const long = '&'.repeat(5000);
    const { blocks } = slackMessage({
      ...notice,
      title: 'x'.repeat(300),
      text: [long],
      facts: Array.from({ length: 20 }, (_, n): [string, string] => [`fact ${n}`, long]),
      list: Array.from({ length: 500 }, (_, n) => `site ${n}`),
    });
    for (const block of blocks) {
      if ('fields' in block) {
        expect(block.fields).toHaveLength(10);
        for (const { text } of block.fields) expect(text.length).toBeLessThanOrEqual(2000);
      } else expect(block.text.text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000);
    }
    expect(JSON.stringify(blocks)).not.toMatch(/&(am|a|)…/);
  });
});
