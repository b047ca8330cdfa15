#!/usr/bin/env node
// Plain JavaScript, since Node reads it before TypeScript is taught to it.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
