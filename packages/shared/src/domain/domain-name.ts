import { domainToASCII, domainToUnicode } from 'node:url';
import { parse } from 'tldts';
import { type Parsed, parsed, refused } from './parsed.ts';

/** A registrable domain, as DNS has it and as people read it. */
export interface DomainName {
  ascii: string;
  unicode: string;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A domain that a customer can own: refused are schemes, ports, paths and blanks before anything is converted, then each label that isn't
 * letters, digits and inner hyphens (RFC 5891), then what isn't exactly a registrable domain by the public suffix list.
 */
export function parseDomainName(text: string): Parsed<DomainName> {
  if (text === '' || text.length > 253) return refused('must be a domain such as mustermann.de');
  // The conversion would quietly drop or follow these, so they are refused before it.
  if (/[\s/\\:@?#%[\]<>^|`{}"]/.test(text))
    return refused('must be a bare domain, without scheme, port, path or blanks');
  if (/[\p{Cc}\p{Cf}]/u.test(text)) return refused('must not contain invisible characters');
  const ascii = domainToASCII(text);
  if (ascii === '') return refused('is not a domain');
  if (!ascii.split('.').every((label) => LABEL.test(label))) {
    return refused('must consist of labels of letters, digits and inner hyphens');
  }
  const known = parse(ascii, { allowPrivateDomains: true });
  if (known.isIp || !known.domain || !(known.isIcann || known.isPrivate))
    return refused('does not end in a known public suffix');
  if (known.domain !== ascii) return refused(`must be the registrable domain itself: ${known.domain}`);
  return parsed({ ascii, unicode: domainToUnicode(ascii) });
}
