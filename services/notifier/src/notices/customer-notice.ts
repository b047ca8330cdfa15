import type { Language, Notice } from './notice.ts';
import { formatSpan } from './spans.ts';

/** What a customer is told of. */
export type CustomerNews =
  | { kind: 'customer.name-servers'; nameServers: readonly string[]; reminder: boolean }
  | { kind: 'customer.signed' }
  | { kind: 'customer.action-required'; message: string }
  | { kind: 'customer.live' }
  | { kind: 'customer.down'; since: string }
  | { kind: 'customer.recovered'; lastedMs: number };

interface Words {
  hello(name: string): string;
  nameServers(domain: string, reminder: boolean): { title: string; text: string[] };
  nameServer: string;
  signed(domain: string): { title: string; text: string[] };
  actionRequired(domain: string, message: string): { title: string; text: string[] };
  live(domain: string): { title: string; text: string[] };
  down(domain: string, since: string): { title: string; text: string[] };
  recovered(domain: string, span: string): { title: string; text: string[] };
  address: string;
  zone: string;
}

const WORDS = {
  en: {
    hello: (name) => `Hello ${name},`,
    nameServers: (domain, reminder) => ({
      title: reminder ? `${domain}: the name servers are not set yet` : `${domain}: please set these name servers`,
      text: [
        `Your website is being made ready. For it to be found at ${domain}, please set the two name servers below where the domain is registered, and remove the present ones.`,
        'Change the name servers only. Cancel neither your domain nor your e-mail there.',
        'It mostly takes from 15 minutes to 4 hours, seldom up to 48 hours. We look by ourselves and write to you when your website is online.',
      ],
    }),
    nameServer: 'Name server',
    signed: (domain) => ({
      title: `${domain}: please switch DNSSEC off first`,
      text: [
        `Your website is being made ready. The domain ${domain} is signed by your present provider (DNSSEC). With other name servers, many would not find the domain any more, nor its e-mail, as long as that is on.`,
        'Please switch DNSSEC off where the domain is registered (that is, remove its DS record). Leave the name servers as they are.',
        'We look by ourselves, and write to you which name servers to set when it is safe. That can take up to two days.',
      ],
    }),
    actionRequired: (domain, message) => ({
      title: `${domain}: something is needed from you`,
      text: [
        'Your website cannot go on by itself. This is what we found:',
        message,
        'As soon as it is mended, it goes on by itself.',
      ],
    }),
    live: (domain) => ({
      title: `${domain} is online`,
      text: [`Your website can be reached at ${domain} and www.${domain} from now on.`],
    }),
    down: (domain, since) => ({
      title: `${domain} cannot be reached at present`,
      text: [
        `Your website has not answered since ${since}. We were told at once and are working on it; you need do nothing.`,
      ],
    }),
    recovered: (domain, span) => ({
      title: `${domain} is online again`,
      text: [`Your website can be reached again. It did not answer for ${span}. We are sorry for the trouble.`],
    }),
    address: 'Address',
    zone: 'UTC',
  },
  de: {
    hello: (name) => `Guten Tag ${name},`,
    nameServers: (domain, reminder) => ({
      title: reminder
        ? `${domain}: die Nameserver sind noch nicht eingetragen`
        : `${domain}: bitte tragen Sie diese Nameserver ein`,
      text: [
        `Ihre Website wird vorbereitet. Damit sie unter ${domain} gefunden wird, tragen Sie bitte dort, wo die Domain registriert ist, die beiden Nameserver unten ein und entfernen Sie die bisherigen.`,
        'Ändern Sie nur die Nameserver. Kündigen Sie weder Domain noch E-Mail-Paket bei Ihrem Anbieter.',
        'Meist dauert es 15 Minuten bis 4 Stunden, in seltenen Fällen bis 48 Stunden. Wir prüfen automatisch und schreiben Ihnen, sobald Ihre Website online ist.',
      ],
    }),
    nameServer: 'Nameserver',
    signed: (domain) => ({
      title: `${domain}: bitte schalten Sie zuerst DNSSEC aus`,
      text: [
        `Ihre Website wird vorbereitet. Die Domain ${domain} ist bei Ihrem jetzigen Anbieter signiert (DNSSEC). Solange das so ist, würden viele die Domain und ihre E-Mail-Adressen mit anderen Nameservern nicht mehr finden.`,
        'Bitte schalten Sie DNSSEC dort aus, wo die Domain registriert ist (entfernen Sie also den DS-Eintrag). Lassen Sie die Nameserver, wie sie sind.',
        'Wir prüfen automatisch und schreiben Ihnen, welche Nameserver Sie eintragen, sobald es sicher ist. Das kann bis zu zwei Tage dauern.',
      ],
    }),
    actionRequired: (domain, message) => ({
      title: `${domain}: wir brauchen Ihre Hilfe`,
      text: [
        'Ihre Website kann nicht von allein weitergehen. Das haben wir festgestellt:',
        message,
        'Sobald es behoben ist, geht es von selbst weiter.',
      ],
    }),
    live: (domain) => ({
      title: `${domain} ist online`,
      text: [`Ihre Website ist ab jetzt unter ${domain} und www.${domain} erreichbar.`],
    }),
    down: (domain, since) => ({
      title: `${domain} ist zurzeit nicht erreichbar`,
      text: [`Ihre Website antwortet seit ${since} nicht. Wir wissen davon und arbeiten daran; Sie müssen nichts tun.`],
    }),
    recovered: (domain, span) => ({
      title: `${domain} ist wieder online`,
      text: [
        `Ihre Website ist wieder erreichbar. Sie hat ${span} lang nicht geantwortet. Bitte entschuldigen Sie die Störung.`,
      ],
    }),
    address: 'Adresse',
    zone: 'Uhr (UTC)',
  },
} as const satisfies Record<Language, Words>;

/** What a customer is told, in their language. */
export function customerNotice(
  to: { customerName: string; domain: string; language: Language; siteId: string },
  news: CustomerNews,
): Notice {
  const words: Words = WORDS[to.language];
  const { title, text } = wordsOf(words, to.domain, news);
  return {
    language: to.language,
    tone: TONES[news.kind],
    title,
    text: [words.hello(to.customerName), ...text],
    facts: factsOf(words, to.domain, news),
    list: [],
    thread: null,
  };
}

const TONES: Record<CustomerNews['kind'], Notice['tone']> = {
  'customer.name-servers': 'info',
  'customer.signed': 'warning',
  'customer.action-required': 'warning',
  'customer.live': 'good',
  'customer.down': 'bad',
  'customer.recovered': 'good',
};

function wordsOf(words: Words, domain: string, news: CustomerNews): { title: string; text: string[] } {
  switch (news.kind) {
    case 'customer.name-servers':
      return words.nameServers(domain, news.reminder);
    case 'customer.signed':
      return words.signed(domain);
    case 'customer.action-required':
      return words.actionRequired(domain, news.message);
    case 'customer.live':
      return words.live(domain);
    case 'customer.down':
      return words.down(domain, `${news.since.slice(0, 10)} ${news.since.slice(11, 16)} ${words.zone}`);
    case 'customer.recovered':
      return words.recovered(domain, formatSpan(news.lastedMs));
  }
}

function factsOf(words: Words, domain: string, news: CustomerNews): Notice['facts'] {
  if (news.kind === 'customer.name-servers') {
    return news.nameServers.map((name, index) => [`${words.nameServer} ${index + 1}`, name]);
  }
  return news.kind === 'customer.live' ? [[words.address, `https://${domain}`]] : [];
}
