import { parseArgs } from 'node:util';

/** What the demo was asked for. */
export interface DemoOptions {
  /** end with status 0 once every site answered, instead of staying */
  once: boolean;
  /** begin with nothing, instead of where the last demo ended */
  fresh: boolean;
  /** how many orders the example's order system posts */
  orders: number;
  /** print the summary as one JSON line at the end */
  json: boolean;
}

/** @throws Error with a sentence for the user when an option is unknown or malformed */
export function parseDemoArguments(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      orders: { type: 'string', default: '3' },
    },
  });
  const orders = Number(values.orders);
  if (!Number.isInteger(orders) || orders < 1 || orders > 900) {
    throw new Error(`--orders takes a whole number from 1 to 900, not ${JSON.stringify(values.orders)}`);
  }
  return { once: values.once, fresh: values.fresh, json: values.json, orders };
}
