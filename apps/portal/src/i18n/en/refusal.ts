/** Why something was refused, by the API's codes: all that customers may meet. What only operators do is said by the API itself. */
export const refusal = {
  request: {
    invalid: 'Something of what was entered is not valid. Please check it.',
    malformed: 'The request could not be read. Please reload the page and try again.',
    'too-large': 'That is too much at once. Please enter less.',
    'unsupported-media-type': 'The request could not be read. Please reload the page and try again.',
    'not-found': 'This does not exist (any more).',
    'method-not-allowed': 'The request could not be read. Please reload the page and try again.',
  },
  auth: {
    required: 'You are not signed in any more. Please sign in again.',
    forbidden: 'You may not do this here.',
    'foreign-page': 'The request does not come from this page. Please reload the page and try again.',
    'second-factor-missing': 'Please set up a second factor first.',
  },
  'sign-in': {
    failed: 'That is not right, or no longer valid. Please try again, or ask for a new one.',
    'too-many-tries': 'Too many tries. Please wait a few minutes before the next one.',
  },
  'second-factor': { enrolled: 'A second factor is set up already.' },
  restart: { 'too-often': 'Three restarts in ten minutes are enough. Please wait a few minutes before the next one.' },
  stream: {
    'too-many': 'Too many pages follow what happens at once. Please close some; this one asks from time to time.',
  },
  'domain-check': { 'too-often': 'The domain was checked a moment ago. Please wait a moment before the next check.' },
  session: { 'not-found': 'You are signed out there already.' },
  customer: { 'not-found': 'There are no such details (any more).' },
  order: { 'not-found': 'There is no such order (any more).' },
  operation: { 'not-found': 'There is nothing known of this (any more).' },
  site: {
    'not-found': 'There is no such website (any more).',
    leaving: 'The website is just being taken away.',
    'part-missing': 'The website does not have this part.',
    'nothing-to-confirm': 'There is nothing (any more) that somebody would have to confirm.',
  },
  host: { 'not-found': 'There is no such host. Its name is written as in the list of hosts.' },
  user: {
    'not-found': 'There is no such user (any more).',
    exists: 'Somebody signs in with this e-mail address already. Please take another one.',
    'last-admin': 'This is the last admin. Make somebody else an admin first.',
  },
  'api-key': { 'not-found': 'There is no such key (any more).' },
  condition: { 'not-found': 'The website does not have this step (any more). Please reload the page.' },
  retry: { 'too-often': 'Ten tries in a minute are enough. Please wait a moment before the next one.' },
  webhook: { disabled: 'The webhook that this went to is gone or switched off. Switch it on first, then send again.' },
  maintenance: { 'not-found': 'This silence has ended already.' },
  delivery: { 'not-found': 'This delivery is not kept any more.' },
  database: { unreachable: 'Something does not work on our side at the moment. Please try again in a few minutes.' },
  internal: {
    unexpected:
      'Something went wrong on our side. Please try again; if it happens again, send us this number: {{requestId}}',
  },
} as const;
