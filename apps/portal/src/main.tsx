import '@mantine/core/styles.css';
import './app/theme.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { router } from './app/router.tsx';
import { startLanguages } from './i18n/start.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
// The page and who has signed in are fetched beside the language, not after it.
void router.load();
await startLanguages();
createRoot(root).render(<App />);
