// @peculiar/x509 asks for this in front of it (its container needs the polyfill).
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import * as x509 from '@peculiar/x509';

const KEYS = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** Issues the edge's certificates. */
export interface CertificateAuthority {
  /** the root, in PEM */
  rootPem: string;
  /** The certificate of a zone: its name, and one label below it. */
  contextFor(zone: string): Promise<SecureContext>;
}

/** A root made now; certificates are made on demand and kept. */
export async function makeCertificateAuthority(): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const keys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Simulated edge CA',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 365 * DAY_MS),
    signingAlgorithm: KEYS,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  // One key for all certificates: making 900 would take longer than anything that is measured with them.
  const leafKeys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
  const leafKeyPem = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey),
    'PRIVATE KEY',
  );
  const contexts = new Map<string, Promise<SecureContext>>();
  let serial = 1;

  async function issue(zone: string): Promise<SecureContext> {
    serial += 1;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(4, '0'),
      subject: `CN=${zone}`,
      issuer: root.subject,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 90 * DAY_MS),
      signingAlgorithm: KEYS,
      publicKey: leafKeys.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: zone },
          { type: 'dns', value: `*.${zone}` },
        ]),
      ],
    });
    return createSecureContext({ cert: certificate.toString('pem'), key: leafKeyPem });
  }

  return {
    rootPem: root.toString('pem'),
    contextFor(zone) {
      const known = contexts.get(zone);
      if (known) return known;
      const made = issue(zone);
      contexts.set(zone, made);
      return made;
    },
  };
}
