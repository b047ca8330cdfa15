import '@mantine/core/styles.css';
import './app/theme.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { startLanguages } from './i18n/start.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
await startLanguages();
createRoot(root).render(<App />);
