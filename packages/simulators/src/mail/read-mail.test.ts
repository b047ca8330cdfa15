import { describe, expect, test } from 'vitest';
import { headersOf, textOf } from './read-mail.ts';

const mail = (...lines: string[]) => lines.join('\r\n');

describe('textOf', () => {
  test('reads the plain part of several, however it is encoded', () => {
    const raw = mail(
      'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_an?= =?UTF-8?B?IEVyaWth?=',
      'Content-Type: multipart/alternative;',
      ' boundary="b1"',
      '',
      '--b1',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe, und ein langer=',
      ' Satz',
      '--b1',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>no</p>',
      '--b1--',
    );
    expect(textOf(raw).trim()).toBe('Grüße, und ein langer Satz');
    expect(headersOf(raw).subject).toBe('Grüße an Erika');
  });

  test('reads a mail of one part as it is', () => {
    expect(textOf(mail('Subject: a', '', 'text'))).toBe('text');
  });
});
