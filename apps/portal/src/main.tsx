import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import './app/theme.css';
import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { forgetEarlyAnswers } from './api/early-answers.ts';
import { App } from './app/app.tsx';
import { makeRouter } from './app/router.tsx';
import { startLanguages } from './i18n/start.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
/** How long the start may stand in the page for what the page is made of; from then on the page says itself what it waits for. */
const PATIENCE_MS = 2000;

// A breath after all that was just read, and another: a phone answers a finger in between.
await breath();
const router = makeRouter();
await breath();
// The page and who has signed in are fetched beside the language, not after it.
const loaded = router.load().finally(forgetEarlyAnswers);
await Promise.all([startLanguages(), withinPatience(loaded)]);
// At once and in slices: a phone answers a finger also while its first page is being made.
startTransition(() => createRoot(root).render(<App router={router} />));

function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function withinPatience(wait: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    void wait.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
