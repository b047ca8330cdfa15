import type { SignInMail } from '@berth/shared/contracts/sign-in-mail';
import type { Language, Notice } from './notice.ts';

interface Words {
  hello(name: string): string;
  signIn: { title: string; text: string; button: string; code: string };
  invitation: { title: string; text: string; button: string };
  valid(span: string): string;
  minutes(count: number): string;
  hours(count: number): string;
  once: string;
  unasked: string;
}

const WORDS = {
  en: {
    hello: (name) => `Hello ${name},`,
    signIn: {
      title: 'Sign in',
      text: 'By this link you sign in and see how your website stands. On another device you may type the code in its place.',
      button: 'Sign in',
      code: 'Code',
    },
    invitation: {
      title: 'You are invited to Berth',
      text: 'By this link you choose a password and set up a second factor. Have an authenticator app at hand.',
      button: 'Accept the invitation',
    },
    valid: (span) => `It works for ${span}`,
    minutes: (count) => `${count} minutes`,
    hours: (count) => `${count} hours`,
    once: ', once.',
    unasked: "Didn't you ask for this? Then there is nothing you need do: without this mail nobody gets in.",
  },
  de: {
    hello: (name) => `Guten Tag ${name},`,
    signIn: {
      title: 'Anmelden',
      text: 'Mit diesem Link melden Sie sich an und sehen, wie es um Ihre Website steht. Auf einem anderen Gerät können Sie stattdessen den Code eingeben.',
      button: 'Anmelden',
      code: 'Code',
    },
    invitation: {
      title: 'Sie sind zu Berth eingeladen',
      text: 'Mit diesem Link wählen Sie ein Passwort und richten einen zweiten Faktor ein. Halten Sie dafür eine Authenticator-App bereit.',
      button: 'Einladung annehmen',
    },
    valid: (span) => `Er gilt ${span}`,
    minutes: (count) => `${count} Minuten`,
    hours: (count) => `${count} Stunden`,
    once: ' und einmal.',
    unasked: 'Sie haben das nicht angefordert? Dann müssen Sie nichts tun: Ohne diese E-Mail kommt niemand hinein.',
  },
} as const satisfies Record<Language, Words>;

const HOUR_MINUTES = 60;

/** A mail by which somebody signs in, in their language: a link, and for customers a code that may be typed in its place. */
export function signInNotice({ language, name, purpose, link, code, validMinutes }: SignInMail): Notice {
  const words: Words = WORDS[language];
  const said = purpose === 'sign-in' ? words.signIn : words.invitation;
  const span =
    validMinutes < 2 * HOUR_MINUTES
      ? words.minutes(validMinutes)
      : words.hours(Math.floor(validMinutes / HOUR_MINUTES));
  return {
    language,
    tone: 'info',
    title: said.title,
    text: [words.hello(name), said.text, `${words.valid(span)}${words.once}`, words.unasked],
    facts: code === null ? [] : [[words.signIn.code, code]],
    list: [],
    thread: null,
    action: { label: said.button, url: link },
  };
}
