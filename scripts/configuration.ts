import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './configuration/page.ts';

// Writes docs/configuration.md from the services' own schemas; a test says when it is out of date.
writeFileSync(fileURLToPath(new URL('../docs/configuration.md', import.meta.url)), configurationPage());
