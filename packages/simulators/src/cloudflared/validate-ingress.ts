import { findRule, parseIngress } from './ingress.ts';
import { StartFailure } from './parse-arguments.ts';
import { readYaml } from './read-configuration.ts';

interface Printed {
  out?: string[];
  err?: string[];
  exitCode: number;
}

/** `cloudflared tunnel --config F ingress validate` and `… ingress rule URL`; anything else is refused, it runs in units only. */
export function validateIngress(words: string[]): Printed {
  const at = words.indexOf('ingress');
  const flag = words.findIndex((word) => /^--?config(=|$)/.test(word));
  const config = words[flag]?.includes('=') ? words[flag]?.split('=')[1] : words[flag + 1];
  if (words[0] !== 'tunnel' || at < 0 || flag < 0 || config === undefined) {
    return { err: ['the simulated cloudflared runs tunnels inside units of the simulated systemd only'], exitCode: 1 };
  }
  try {
    const fields = readYaml(config);
    const rules = parseIngress(fields.ingress);
    if (rules.length === 0) {
      return { err: ["The config file doesn't contain any ingress rules"], exitCode: 1 };
    }
    if (words[at + 1] !== 'rule') {
      return { out: [`Validating rules from ${config}`, 'OK'], exitCode: 0 };
    }
    const url = new URL(words[at + 2] ?? '');
    const found = findRule(rules, url.hostname, url.pathname);
    const { hostname = '', written = '' } = found?.rule ?? {};
    const shown = hostname === '' ? [] : [`\thostname: ${hostname}`];
    return { out: [`Matched rule #${found?.index ?? 0}`, ...shown, `\tservice: ${written}`], exitCode: 0 };
  } catch (error) {
    if (error instanceof StartFailure || error instanceof TypeError) {
      return { err: [error.message], exitCode: 1 };
    }
    throw error;
  }
}
