import { writeFileSync } from 'node:fs';
import { measureLive } from './measure-live.ts';

const rows = await measureLive((line) => process.stderr.write(`${line}\n`));
writeFileSync(process.argv[2] ?? '', JSON.stringify(rows));
process.exit(0);
