import type { SignInMail } from '@berth/shared/contracts/sign-in-mail';
import type { Language, Notice } from './notice.ts';

interface Said {
  title: string;
  text: string;
  /** where there is a link */
  button: string;
  unasked?: string;
}

interface Words extends Record<SignInMail['purpose'], Said> {
  hello(name: string): string;
  code: string;
  address: string;
  valid(span: string): string;
  minutes(count: number): string;
  hours(count: number): string;
  once: string;
  unasked: string;
}

const WORDS = {
  en: {
    hello: (name) => `Hello ${name},`,
    code: 'Code',
    address: 'New address',
    'sign-in': {
      title: 'Sign in',
      text: 'By this link you sign in and see how your website stands. On another device you may type the code in its place.',
      button: 'Sign in',
    },
    invitation: {
      title: 'You are invited to Berth',
      text: 'By this link you choose a password and set up a second factor. Have an authenticator app at hand.',
      button: 'Accept the invitation',
    },
    'email-change': {
      title: 'Confirm your new address',
      text: 'This address shall be the one by which you sign in and at which we write to you about your website. Please confirm it.',
      button: 'Confirm the address',
      unasked: "Didn't you ask for this? Then there is nothing you need do: without this mail nothing changes.",
    },
    'email-changed': {
      title: 'Your address was changed',
      text: 'From now on you sign in by another e-mail address, and we write to you there about your website. By this one nobody signs in any more.',
      button: '',
      unasked: "Wasn't it you? Then write to the people you ordered from at once: they can set the address right.",
    },
    valid: (span) => `It works for ${span}`,
    minutes: (count) => `${count} minutes`,
    hours: (count) => `${count} hours`,
    once: ', once.',
    unasked: "Didn't you ask for this? Then there is nothing you need do: without this mail nobody gets in.",
  },
  de: {
    hello: (name) => `Guten Tag ${name},`,
    code: 'Code',
    address: 'Neue Adresse',
    'sign-in': {
      title: 'Anmelden',
      text: 'Mit diesem Link melden Sie sich an und sehen, wie es um Ihre Website steht. Auf einem anderen Gerät können Sie stattdessen den Code eingeben.',
      button: 'Anmelden',
    },
    invitation: {
      title: 'Sie sind zu Berth eingeladen',
      text: 'Mit diesem Link wählen Sie ein Passwort und richten einen zweiten Faktor ein. Halten Sie dafür eine Authenticator-App bereit.',
      button: 'Einladung annehmen',
    },
    'email-change': {
      title: 'Neue Adresse bestätigen',
      text: 'Mit dieser Adresse sollen Sie sich künftig anmelden, und an sie schreiben wir Ihnen wegen Ihrer Website. Bitte bestätigen Sie das.',
      button: 'Adresse bestätigen',
      unasked: 'Sie haben das nicht angefordert? Dann müssen Sie nichts tun: Ohne diese E-Mail ändert sich nichts.',
    },
    'email-changed': {
      title: 'Ihre Adresse wurde geändert',
      text: 'Ab jetzt melden Sie sich mit einer anderen E-Mail-Adresse an, und wegen Ihrer Website schreiben wir Ihnen dorthin. Mit der bisherigen meldet sich niemand mehr an.',
      button: '',
      unasked:
        'Das waren nicht Sie? Dann schreiben Sie sofort denen, bei denen Sie bestellt haben: Sie können die Adresse richtigstellen.',
    },
    valid: (span) => `Er gilt ${span}`,
    minutes: (count) => `${count} Minuten`,
    hours: (count) => `${count} Stunden`,
    once: ' und einmal.',
    unasked: 'Sie haben das nicht angefordert? Dann müssen Sie nichts tun: Ohne diese E-Mail kommt niemand hinein.',
  },
} as const satisfies Record<Language, Words>;

const HOUR_MINUTES = 60;

/** A mail by which somebody signs in or changes their address, in their language: a link, and for customers a code that may be typed in its place. */
export function signInNotice(mail: SignInMail): Notice {
  const { language, name, purpose, link, code, address = null, validMinutes } = mail;
  const words: Words = WORDS[language];
  const said: Said = words[purpose];
  const span =
    validMinutes < 2 * HOUR_MINUTES
      ? words.minutes(validMinutes)
      : words.hours(Math.floor(validMinutes / HOUR_MINUTES));
  const valid = link === null ? [] : [`${words.valid(span)}${words.once}`];
  const facts: Notice['facts'] = [];
  if (code !== null) facts.push([words.code, code]);
  if (address !== null) facts.push([words.address, address]);
  return {
    language,
    tone: 'info',
    title: said.title,
    text: [words.hello(name), said.text, ...valid, said.unasked ?? words.unasked],
    facts,
    list: [],
    thread: null,
    ...(link !== null && { action: { label: said.button, url: link } }),
  };
}
