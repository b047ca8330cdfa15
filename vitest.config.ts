import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/.berth/**'];
/** Made on demand: `npm run screenshots`. */
const pictures = process.env.BERTH_SCREENSHOTS ? [] : ['tests/browser/screenshots.test.ts'];
const globalSetup = ['packages/shared/src/testing/global-setup.ts'];
/** How long a state is waited for: against a broken product, not a slow machine. Vitest's second is too short for a busy one. */
const patient = { poll: { timeout: 60_000 } };

/**
 * Four tiers (docs/architecture.md): unit beside the source, integration beside the source, whole services in tests/, and those against
 * real Docker and systemd in tests/real, which need namespaces of their own (`npm run test:real`).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...exclude, '**/*.int.test.ts'],
          expect: patient,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/src/**/*.int.test.ts', 'scripts/**/*.int.test.ts'],
          exclude,
          globalSetup,
          expect: patient,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: [...exclude, 'tests/real/**', ...pictures],
          globalSetup,
          setupFiles: ['tests/support/tell-logs.ts'],
          expect: patient,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'real',
          include: ['tests/real/**/*.test.ts'],
          exclude,
          globalSetup,
          setupFiles: ['tests/support/tell-logs.ts'],
          expect: patient,
          // Machines boot in it, and two runs of this tier share what there is of processors.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
