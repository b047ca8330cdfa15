import path from 'node:path';
import { buildPortal } from './build/build-portal.ts';
import { buildServices } from './build/build-services.ts';

const out = path.resolve(process.argv[2] ?? 'dist');
const names = await buildServices(out);
await buildPortal(out);
process.stdout.write(`${out}: ${names.join(', ')}, portal\n`);
