import { parseArgs } from 'node:util';

/** What the demo was asked for. */
export interface DemoOptions {
  /** end with status 0 once every site answered, instead of staying */
  once: boolean;
  /** begin with nothing, instead of where the last demo ended */
  fresh: boolean;
  /** use this machine's Docker and systemd where they are */
  real: boolean;
  /** how many orders the example's order system posts */
  orders: number;
  /** print the summary as one JSON line at the end */
  json: boolean;
  /** how long all sites together may take to go live */
  timeoutMs: number;
  help: boolean;
}

export const DEMO_USAGE = `usage: npm run demo [-- OPTIONS]
  --once             end when every site answered: exit status 0 only then
  --fresh            start over; without it the demo goes on where it ended
  --real             use this machine's Docker and systemd where they are; Cloudflare stays simulated
  --orders N         so many orders, 1 to 900 (default 3)
  --json             the last line is a summary for programs, everything else goes to standard error
  --timeout SECONDS  how long the sites may take to go live (default 60, and one more for each order)
`;

const MOST_ORDERS = 900;
const START_SECONDS = 60;

/** @throws Error with a sentence for the user when an option is unknown or malformed */
export function parseDemoArguments(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      orders: { type: 'string', default: '3' },
      timeout: { type: 'string' },
    },
  });
  const { once, fresh, real, json, help } = values;
  const orders = parseWhole('--orders', values.orders, MOST_ORDERS);
  const seconds =
    values.timeout === undefined ? START_SECONDS + orders : parseWhole('--timeout', values.timeout, 86_400);
  return { once, fresh, real, json, help, orders, timeoutMs: seconds * 1000 };
}

function parseWhole(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${option} takes a whole number from 1 to ${most}, not ${JSON.stringify(text)}`);
}
