import { writeFileSync } from 'node:fs';
import { measureLive } from './measure-live.ts';
import { measureUnits } from './measure-units.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);
const rows = [...(await measureUnits(say)), ...(await measureLive(say))];
writeFileSync(process.argv[2] ?? '', JSON.stringify(rows));
process.exit(0);
