import path from 'node:path';
import { buildServices } from './build/build-services.ts';

const out = path.resolve(process.argv[2] ?? 'dist');
const names = await buildServices(out);
process.stdout.write(`${out}: ${names.join(', ')}\n`);
