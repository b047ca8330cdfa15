import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeCertificate } from './write-certificate.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-cert-'));
  file = path.join(dir, 'made', 'cert.pem');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ids = { CF_ACCOUNT_ID: 'a'.repeat(32), CF_ZONE_ID: 'b'.repeat(32) };
const good = { ...ids, CF_API_TOKEN: 'token-of-the-operator' };
const codeOf = (work: () => unknown) => {
  try {
    work();
    return 'done';
  } catch (error) {
    return (error as { ending: string }).ending;
  }
};

describe('writeCertificate', () => {
  test('writes one PEM block that holds the ids and the token, for its owner alone', () => {
    expect(writeCertificate(good, { out: file }, [])).toContain(file);
    const text = readFileSync(file, 'utf8');
    const block =
      /^-----BEGIN ARGO TUNNEL TOKEN-----\n((?:[A-Za-z0-9+/=]{1,64}\n)+)-----END ARGO TUNNEL TOKEN-----\n$/.exec(
        text,
      )?.[1];
    expect(JSON.parse(Buffer.from(block ?? '', 'base64').toString('utf8'))).toEqual({
      zoneID: ids.CF_ZONE_ID,
      accountID: ids.CF_ACCOUNT_ID,
      apiToken: 'token-of-the-operator',
    });
    expect([statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(path.dirname(file))).toEqual(['cert.pem']);
  });

  test('replaces one that is there only when told to, and then also its mode', () => {
    mkdirSync(path.dirname(file));
    writeFileSync(file, 'another', { mode: 0o644 });
    expect(codeOf(() => writeCertificate(good, { out: file }, []))).toBe('conflict');
    expect(readFileSync(file, 'utf8')).toBe('another');
    writeCertificate(good, { out: file, force: true }, []);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['HOST_ID', { HOST_ID: 'one' }],
    ['TUNNEL_CONFIG_DIR', { TUNNEL_CONFIG_DIR: '/etc/cloudflared' }],
  ])('refuses a machine with %s', (_name, more) => {
    expect(codeOf(() => writeCertificate({ ...good, ...more }, { out: file, force: true }, []))).toBe('refused');
  });

  test('refuses a machine with connectors of ours, whatever its environment says', () => {
    for (const name of ['customer-c1.json', 'cloudflared-customer-c1.service']) {
      const host = mkdtempSync(path.join(dir, 'host-'));
      writeFileSync(path.join(host, name), '');
      expect(codeOf(() => writeCertificate(good, { out: file }, [host]))).toBe('refused');
    }
    expect(codeOf(() => writeCertificate(good, { out: file }, [path.join(dir, 'missing')]))).toBe('done');
  });

  test.each([
    ['no token', ids],
    ['no account', { ...good, CF_ACCOUNT_ID: undefined }],
    ['a zone that is none', { ...good, CF_ZONE_ID: 'example.org' }],
  ])('refuses %s, and writes nothing', (_what, environment) => {
    expect(codeOf(() => writeCertificate(environment, { out: file }, []))).toBe('config');
    expect(readdirSync(dir)).toEqual([]);
  });
});
