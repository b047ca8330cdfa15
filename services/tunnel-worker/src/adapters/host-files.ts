import { chmod, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { BerthError, messageOf } from '@berth/shared/errors/berth-error';
import type { Files } from '../reconcile/connector-access.ts';

/** Files of this host. A file is written beside its place and renamed, so that a reader sees the former or the new one, never half. */
export function makeHostFiles(): Files {
  return {
    read: (file) =>
      guarded(`reading ${file}`, async () => {
        try {
          const [content, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
          return { content, mode: mode & 0o777 };
        } catch (error) {
          if (isAbsence(error)) return undefined;
          throw error;
        }
      }),
    write: ({ path: file, content, mode }) =>
      guarded(`writing ${file}`, async () => {
        const folder = path.dirname(file);
        await mkdir(folder, { recursive: true });
        const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.draft`);
        const handle = await open(draft, 'w', mode);
        try {
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await chmod(draft, mode);
        await rename(draft, file);
      }),
    remove: (file) =>
      guarded(`removing ${file}`, async () => {
        try {
          const isFolder = (await stat(file)).isDirectory();
          await (isFolder ? rmdir(file) : rm(file));
        } catch (error) {
          if (!isAbsence(error)) throw error;
        }
      }),
    anyNamed: (folder, pattern) =>
      guarded(`listing ${folder}`, async () => {
        try {
          return (await readdir(folder)).some((name) => pattern.test(name));
        } catch (error) {
          if (isAbsence(error)) return false;
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

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
