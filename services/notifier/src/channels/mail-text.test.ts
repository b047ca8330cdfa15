import { describe, expect, test } from 'vitest';
import type { Notice } from '../notices/notice.ts';
import { headerText, mailHtml, mailText } from './mail-text.ts';

const notice: Notice = {
  language: 'de',
  tone: 'good',
  title: 'Online: <b>mustermann.de</b>',
  text: ['erste Zeile\nzweite <script>alert(1)</script>'],
  facts: [['Länge', '12 min']],
  list: ['"a" & \'b\''],
  thread: null,
};

describe('a mail', () => {
  test('says the same in plain text and in HTML', () => {
    expect(mailText(notice)).toBe(
      'Online: <b>mustermann.de</b>\n\nerste Zeile\nzweite <script>alert(1)</script>\n\nLänge: 12 min\n\n- "a" & \'b\'\n',
    );
    expect(mailHtml(notice)).toContain('<html lang="de">');
    expect(mailHtml(notice)).toContain('erste Zeile<br>zweite');
  });

  test('has no HTML but its own', () => {
    const html = mailHtml(notice);
    expect(html).not.toContain('<b>');
    expect(html).not.toContain('<script>');
    expect(html).toContain('&quot;a&quot; &amp; &#39;b&#39;');
    expect(html).not.toMatch(/https?:|src=|href=/);
  });
});

describe('headerText', () => {
  test.each([
    ['a\r\nBcc: victim@example.org', 'a Bcc: victim@example.org'],
    ['a\u0000b\u2028c\u0085d', 'a b c d'],
    [' mustermann.de  is down ', 'mustermann.de is down'],
  ])('makes one line of %j', (text, line) => {
    expect(headerText(text)).toBe(line);
  });

  test('keeps a length that everybody takes', () => {
    expect(headerText('x'.repeat(1000))).toHaveLength(200);
  });
});
