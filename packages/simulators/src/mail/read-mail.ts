const WORD = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;

/** The headers of a mail or of one of its parts by their lower-case names, unfolded; RFC 2047's words are read. */
export function headersOf(raw: string): Record<string, string> {
  const head = (raw.split('\r\n\r\n', 1)[0] ?? '').replaceAll(/\r\n[ \t]+/g, ' ');
  return Object.fromEntries(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), readWords(line.slice(colon + 1).trim())];
    }),
  );
}

/** What a mail says as text: its body, or of several parts the plain one. */
export function textOf(raw: string): string {
  const headers = headersOf(raw);
  const type = headers['content-type'] ?? 'text/plain';
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary) {
    const parts = body.split(`--${boundary}`).slice(1, -1);
    const texts = parts.map((part) => textOf(part.replace(/^\r\n/, '')));
    return texts.find((text) => text !== '') ?? '';
  }
  if (!type.startsWith('text/plain')) return '';
  return decode(body, headers['content-transfer-encoding'] ?? '7bit').replaceAll('\r\n', '\n');
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? decodeQuoted(body.replaceAll('=\r\n', '')) : body;
}

function decodeQuoted(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function readWords(text: string): string {
  const joined = text.replaceAll(/\?=\s+=\?/g, '?==?');
  return joined.replaceAll(WORD, (_, kind: string, word: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('utf8') : decodeQuoted(word.replaceAll('_', ' ')),
  );
}
