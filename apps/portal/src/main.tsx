import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import './app/theme.css';
import { createRoot } from 'react-dom/client';
import { forgetEarlyAnswers } from './api/early-answers.ts';
import { App } from './app/app.tsx';
import { router } from './app/router.tsx';
import { startLanguages } from './i18n/start.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
// The page and who has signed in are fetched beside the language, not after it.
void router.load().finally(forgetEarlyAnswers);
await startLanguages();
createRoot(root).render(<App />);
