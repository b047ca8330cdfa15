/** What the exit status of `berth` says. */
export const exitStatuses = {
  ok: { status: 0, meaning: 'done' },
  failed: { status: 1, meaning: 'what was asked for failed' },
  usage: { status: 2, meaning: 'the command line was not understood; nothing was done' },
  notFound: { status: 3, meaning: 'there is no such site, tunnel or order' },
  conflict: {
    status: 4,
    meaning: 'a conflict with what is there: a domain or port that is taken',
  },
  refused: { status: 5, meaning: 'a value was refused: out of range, malformed, missing' },
  auth: { status: 7, meaning: 'the API key is missing, unknown, or lacks the scope' },
  passing: { status: 75, meaning: 'the API or what is behind it did not answer; try again' },
  config: { status: 78, meaning: 'a variable is missing or malformed' },
  timeout: { status: 124, meaning: '--timeout was over; Berth goes on by itself' },
  interrupted: { status: 130, meaning: 'ended by Ctrl-C; what was asked for goes on' },
} as const;

export type Ending = keyof typeof exitStatuses;
