import { expect, test } from 'vitest';
import { withoutSecrets } from './audit.ts';

test('what is told of a change holds nothing that lets anybody in, and names who may enter', () => {
  const access = { emails: ['anna@example.org'], serviceTokens: ['3537a672-0bd8-4cc8-8a51-6c3bd4ee8c77'] };
  expect(withoutSecrets({ access, token: 'x', newPassword: 'x', deep: [{ licenseKey: 'x' }] })).toEqual({
    access,
    token: '[redacted]',
    newPassword: '[redacted]',
    deep: [{ licenseKey: '[redacted]' }],
  });
});
