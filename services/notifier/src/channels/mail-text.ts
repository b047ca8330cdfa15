import type { Notice } from '../notices/notice.ts';

const COLORS: Record<Notice['tone'], string> = { bad: '#b42318', warning: '#b54708', good: '#067647', info: '#175cd3' };

/** A notice as plain text. */
export function mailText(notice: Notice): string {
  const facts = notice.facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  const list = notice.list.map((line) => `- ${line}`).join('\n');
  const action = notice.action?.url ?? '';
  return `${[notice.title, ...notice.text, action, facts, list].filter((part) => part !== '').join('\n\n')}\n`;
}

/** A notice as HTML that needs nothing from elsewhere. */
export function mailHtml(notice: Notice): string {
  const facts = notice.facts
    .map(
      ([name, value]) =>
        `<tr><td style="padding:2px 16px 2px 0;color:#667085">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const parts = [
    `<h1 style="font-size:18px;color:${COLORS[notice.tone]}">${escapeHtml(notice.title)}</h1>`,
    ...notice.text.map((text) => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`),
    notice.action && buttonOf(notice.action),
    facts && `<table style="border-collapse:collapse">${facts}</table>`,
    notice.list.length > 0 && `<ul>${notice.list.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
  ];
  const body = parts.filter((part) => part !== false && part !== undefined && part !== '').join('\n');
  return `<!doctype html>
<html lang="${notice.language}"><head><meta charset="utf-8"><title>${escapeHtml(notice.title)}</title></head>
<body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#101828;max-width:640px">
${body}
</body></html>
`;
}

/** A link that looks like a button, and itself, for programs that show no HTML of others. */
function buttonOf({ label, url }: NonNullable<Notice['action']>): string {
  const href = escapeHtml(url);
  const style = `display:inline-block;padding:12px 20px;border-radius:6px;background:${COLORS.info};color:#ffffff;text-decoration:none`;
  return `<p><a href="${href}" style="${style}">${escapeHtml(label)}</a></p>
<p style="font-size:13px;color:#667085;word-break:break-all">${href}</p>`;
}

/** Text that means nothing but itself, within an element or an attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A header's value: one line without control characters, of a length that everybody takes. */
export function headerText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
