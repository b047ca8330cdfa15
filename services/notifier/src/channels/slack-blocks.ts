import type { Notice } from '../notices/notice.ts';

/** A message as Slack's incoming webhooks take it. */
export interface SlackMessage {
  /** for notifications and whoever sees no blocks */
  text: string;
  blocks: SlackBlock[];
}

type SlackText = { type: 'plain_text' | 'mrkdwn'; text: string; emoji?: boolean };
type SlackBlock =
  | { type: 'header'; text: SlackText }
  | { type: 'section'; text: SlackText }
  | { type: 'section'; fields: SlackText[] };

const SIGNS: Record<Notice['tone'], string> = { bad: '🔴', warning: '🟠', good: '🟢', info: 'ℹ️' };

/** Slack's own limits, in characters. */
const HEADER = 150;
const SECTION = 3000;
const FIELD = 2000;
const FIELDS = 10;

/** A notice as blocks, and as one line for where blocks aren't shown. */
export function slackMessage(notice: Notice): SlackMessage {
  const title = `${SIGNS[notice.tone]} ${oneLine(notice.title)}`;
  const blocks: SlackBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: cut(title, HEADER), emoji: true } },
  ];
  for (const text of notice.text) blocks.push({ type: 'section', text: marked(escapeSlack(text), SECTION) });
  if (notice.facts.length > 0) {
    const fields = notice.facts
      .slice(0, FIELDS)
      .map(([name, value]) => marked(`*${escapeSlack(name)}*\n${escapeSlack(value)}`, FIELD));
    blocks.push({ type: 'section', fields });
  }
  if (notice.list.length > 0) {
    const lines = notice.list.map((line) => `• ${escapeSlack(oneLine(line))}`).join('\n');
    blocks.push({ type: 'section', text: marked(lines, SECTION) });
  }
  return { text: escapeSlack([title, ...notice.text].join(': ')), blocks };
}

/** What Slack would read as a link, a mention or a command becomes plain text. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function marked(text: string, limit: number): SlackText {
  return { type: 'mrkdwn', text: cut(text, limit) };
}

/** An escaped character is never cut in the middle. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text
    .slice(0, limit - 1)
    .replace(/&[a-z]*$/, '')
    .replace(/[\ud800-\udbff]$/, '')}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
