import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

/** Why files can't be made in a folder: undefined when they can. */
export async function whyUnwritable(dir: string): Promise<string | undefined> {
  try {
    await access(dir, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return 'is not there';
    return code === 'EROFS' ? 'is read-only' : 'cannot be written';
  }
}
