import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, commonSettings, parseConfig, setting } from './config.ts';

const schema = z.object({
  ...commonSettings,
  TOKEN: setting.secret(),
  PORT: setting.integer(1, 65_535).default(3000),
  HOST_ID: setting.hostId().optional(),
});
const good = {
  DATABASE_URL: 'postgresql://u:p@localhost/db',
  BERTH_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
  TOKEN: 't',
};
const { TOKEN: _, ...withoutToken } = good;

describe('parseConfig', () => {
  test('says all problems at once, by variable name', () => {
    try {
      parseConfig(schema, { REDIS_URL: 'http://x', PORT: 'many', HOST_ID: 'Not OK' });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const text = String((error as ConfigError).message);
      for (const name of [
        'DATABASE_URL: is required',
        'BERTH_SECRETS_KEY: is required',
        'TOKEN: is required',
        'REDIS_URL',
        'PORT',
        'HOST_ID',
      ])
        expect(text).toContain(name);
    }
  });

  test('takes an empty value as missing', () => {
    expect(() => parseConfig(schema, { ...good, TOKEN: ' ' })).toThrow('TOKEN');
    expect(parseConfig(schema, { ...good, PORT: '' }).PORT).toBe(3000);
  });

  test('reads NAME from the file that NAME_FILE names', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'berth-config-')), 'token');
    writeFileSync(file, 'from-file\n');
    expect(parseConfig(schema, { ...withoutToken, TOKEN_FILE: file }).TOKEN.reveal()).toBe('from-file');
    expect(() => parseConfig(schema, { ...withoutToken, TOKEN_FILE: `${file}.gone` })).toThrow('TOKEN_FILE');
  });

  test('counts an empty file as not given, as an empty value', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'berth-config-')), 'empty');
    writeFileSync(file, '\n');
    const environment = { DATABASE_URL: good.DATABASE_URL, REDIS_URL_FILE: file };
    const { DATABASE_URL, REDIS_URL } = commonSettings;
    expect(parseConfig(z.object({ DATABASE_URL, REDIS_URL }), environment).REDIS_URL).toBeUndefined();
  });

  test("leaves files alone that are named for somebody else's variables", () => {
    expect(() => parseConfig(schema, { ...good, SSL_CERT_FILE: '/nowhere/at/all' })).not.toThrow();
  });

  test('never prints a secret that it refuses', () => {
    expect(() => parseConfig(schema, { ...good, DATABASE_URL: 'mysql://u:hunter2@x/db' })).toThrow(/^(?!.*hunter2)/s);
  });
});
