import { readFileSync } from 'node:fs';
import { Failure } from './failure.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the API is, and with which key it is asked. */
export interface ApiSettings {
  url: string;
  key: string;
}

/** What `berth` reads of its environment, with what it is for. */
export const variables = {
  BERTH_API_URL: 'where the API is; default http://127.0.0.1:8080',
  BERTH_API_KEY: 'the key to ask it with, or BERTH_API_KEY_FILE',
  LICENSE_KEY: 'the licence key of a container, or LICENSE_KEY_FILE',
  CF_API_TOKEN: 'for `tunnel cert`: a token of your own, or CF_API_TOKEN_FILE',
  CF_ACCOUNT_ID: 'for `tunnel cert`: the account',
  CF_ZONE_ID: 'for `tunnel cert`: the zone of `cloudflared tunnel route dns`',
  NO_COLOR: 'anything: no colours, as where the output is no terminal',
} as const;

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** @throws Failure `config` */
export function readApiSettings(environment: Environment): ApiSettings {
  const url = (environment.BERTH_API_URL || DEFAULT_URL).replace(/\/+$/, '');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw config(`BERTH_API_URL is no address of the http kind: ${url}`, `for example BERTH_API_URL=${DEFAULT_URL}`);
  }
  const key = readSecret(environment, 'BERTH_API_KEY');
  if (key === undefined) {
    throw config(
      'BERTH_API_KEY is missing',
      'export BERTH_API_KEY=…; `npm run key -- create` makes a key where Berth runs',
    );
  }
  return { url, key };
}

/** A variable, or the content of the file that `NAME_FILE` names. @throws Failure `config` */
export function readSecret(environment: Environment, name: string): string | undefined {
  const file = environment[`${name}_FILE`];
  if (!file) return environment[name] || undefined;
  if (environment[name]) throw config(`${name} and ${name}_FILE are both set`, 'set one of them');
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (cause) {
    throw new Failure({ ending: 'config', what: `${name}_FILE cannot be read`, why: [String(cause)], cause });
  }
}

function config(what: string, fix: string): Failure {
  return new Failure({ ending: 'config', what, fix });
}
