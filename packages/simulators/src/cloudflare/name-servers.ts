/** Which of the pairs. */
export type PairIndex = number;

const WORDS = [
  'ada',
  'bob',
  'cleo',
  'dana',
  'elma',
  'finn',
  'gina',
  'hugo',
  'iris',
  'jake',
  'kira',
  'liam',
  'mona',
  'nico',
  'olga',
  'paul',
];

/** The name servers that the nth zone of an account gets. */
export function pairAt(nth: number): { index: PairIndex; names: string[] } {
  const index = nth % WORDS.length;
  return { index, names: [index, (index + 5) % WORDS.length].map((at) => `${WORDS[at]}.ns.cloudflare.com`) };
}
