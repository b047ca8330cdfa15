import { afterEach } from 'vitest';
import { lastLogged } from './log-tails.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** what the processes of the test's file logged last when it failed */
    lastLogged?: string[];
  }
}

afterEach(({ task }) => {
  const lines = task.result?.state === 'fail' ? lastLogged() : [];
  if (lines.length > 0) task.meta.lastLogged = lines;
});
