import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { BerthError, messageOf } from '@berth/shared/errors/berth-error';
import type { Files } from '../reconcile/connector-access.ts';

let drafts = 0;

/** Files of this host. A file is written beside its place and renamed, so that a reader sees the former or the new one, never half. */
export function makeHostFiles(): Files {
  return {
    read: (file) =>
      guarded(`reading ${file}`, async () => {
        try {
          const [content, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
          return { content, mode: mode & 0o777 };
        } catch (error) {
          if (isErrno(error, 'ENOENT')) return undefined;
          throw error;
        }
      }),
    write: ({ path: file, content, mode }) =>
      guarded(`writing ${file}`, async () => {
        const folder = path.dirname(file);
        await mkdir(folder, { recursive: true });
        drafts += 1;
        // Several connectors write the drop-in that they share at once: each needs a draft of its own.
        const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.${drafts}.draft`);
        try {
          await writeWhole(draft, content, mode);
          await rename(draft, file);
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
      }),
    remove: (file) =>
      guarded(`removing ${file}`, async () => {
        try {
          const isFolder = (await stat(file)).isDirectory();
          await (isFolder ? rmdir(file) : rm(file));
        } catch (error) {
          if (!isErrno(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
        }
      }),
    anyNamed: (folder, pattern) =>
      guarded(`listing ${folder}`, async () => {
        try {
          return (await readdir(folder)).some((name) => pattern.test(name));
        } catch (error) {
          if (isErrno(error, 'ENOENT')) return false;
          throw error;
        }
      }),
  };
}

async function guarded<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new BerthError('host.files', `${doing}: ${messageOf(cause)}`, { cause });
  }
}

async function writeWhole(file: string, content: string, mode: number): Promise<void> {
  const handle = await open(file, 'w', mode);
  try {
    await handle.writeFile(content);
    // The mode that open takes is cut by the process's umask.
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
