import { writeFileSync } from 'node:fs';
import { measureUnits } from './measure-units.ts';

const rows = await measureUnits((line) => process.stderr.write(`${line}\n`));
writeFileSync(process.argv[2] ?? '', JSON.stringify(rows));
process.exit(0);
