import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './configuration/page.ts';
import { writeDashboards } from './dashboards/write-dashboards.ts';

// Writes docs/configuration.md from the services' own schemas, and Grafana's dashboards; tests say when they are out of date.
writeFileSync(fileURLToPath(new URL('../docs/configuration.md', import.meta.url)), configurationPage());
writeDashboards();
