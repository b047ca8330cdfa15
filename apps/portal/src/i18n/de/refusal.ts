import type { Messages } from '../messages.ts';

export const refusal: Messages['refusal'] = {
  request: {
    invalid: 'Etwas von dem, was eingegeben wurde, ist nicht gültig. Bitte prüfen Sie es.',
    malformed: 'Die Anfrage war nicht lesbar. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.',
    'too-large': 'Das ist zu viel auf einmal. Bitte geben Sie weniger ein.',
    'unsupported-media-type':
      'Die Anfrage war nicht lesbar. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.',
    'not-found': 'Das gibt es nicht (mehr).',
    'method-not-allowed':
      'Die Anfrage war nicht lesbar. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.',
  },
  auth: {
    required: 'Sie sind nicht mehr angemeldet. Bitte melden Sie sich wieder an.',
    forbidden: 'Das dürfen Sie hier nicht.',
    'foreign-page':
      'Die Anfrage kommt nicht von dieser Seite. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.',
    'second-factor-missing': 'Bitte richten Sie zuerst einen zweiten Faktor ein.',
  },
  'sign-in': {
    failed:
      'Das stimmt nicht oder gilt nicht mehr. Bitte versuchen Sie es noch einmal, oder fordern Sie einen neuen Code an.',
    'too-many-tries': 'Zu viele Versuche. Bitte warten Sie ein paar Minuten bis zum nächsten.',
  },
  'second-factor': { enrolled: 'Ein zweiter Faktor ist schon eingerichtet.' },
  restart: {
    'too-often': 'Drei Neustarts in zehn Minuten sind genug. Bitte warten Sie ein paar Minuten bis zum nächsten.',
  },
  stream: {
    'too-many':
      'Zu viele Seiten verfolgen gleichzeitig, was geschieht. Bitte schließen Sie einige; diese hier fragt von Zeit zu Zeit nach.',
  },
  'domain-check': {
    'too-often': 'Die Domain wurde gerade erst geprüft. Bitte warten Sie einen Moment bis zur nächsten Prüfung.',
  },
  session: { 'not-found': 'Dort sind Sie schon abgemeldet.' },
  customer: { 'not-found': 'Diese Angaben gibt es nicht (mehr).' },
  order: { 'not-found': 'Diese Bestellung gibt es nicht (mehr).' },
  operation: { 'not-found': 'Davon ist nichts (mehr) bekannt.' },
  site: {
    'not-found': 'Diese Website gibt es nicht (mehr).',
    leaving: 'Die Website wird gerade entfernt.',
    'part-missing': 'Die Website hat diesen Teil nicht.',
    'nothing-to-confirm': 'Hier ist nichts (mehr) zu bestätigen.',
  },
  host: { 'not-found': 'Diesen Host gibt es nicht. Sein Name steht in der Liste der Hosts.' },
  user: {
    'not-found': 'Diesen Benutzer gibt es nicht (mehr).',
    exists: 'Mit dieser E-Mail-Adresse meldet sich schon jemand an. Bitte nehmen Sie eine andere.',
    'last-admin': 'Das ist der letzte Admin. Machen Sie zuerst jemand anderen zum Admin.',
  },
  'api-key': { 'not-found': 'Diesen Schlüssel gibt es nicht (mehr).' },
  condition: { 'not-found': 'Diesen Schritt hat die Website nicht (mehr). Bitte laden Sie die Seite neu.' },
  retry: { 'too-often': 'Zehn Versuche in einer Minute sind genug. Bitte warten Sie einen Moment bis zum nächsten.' },
  webhook: {
    disabled:
      'Der Webhook, an den das ging, ist gelöscht oder abgeschaltet. Schalten Sie ihn ein, und senden Sie dann erneut.',
  },
  maintenance: { 'not-found': 'Diese Stummschaltung ist schon zu Ende.' },
  delivery: { 'not-found': 'Diese Zustellung ist nicht mehr aufbewahrt.' },
  database: {
    unreachable: 'Bei uns klappt gerade etwas nicht. Bitte versuchen Sie es in ein paar Minuten noch einmal.',
  },
  internal: {
    unexpected:
      'Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal; klappt es wieder nicht, nennen Sie uns diese Nummer: {{requestId}}',
  },
};
