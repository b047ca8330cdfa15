import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What Berth takes as a path in a systemd unit, where blanks and quotes have a meaning. */
const PLAIN = /^\/[\w./-]+$/;

/** A way to a directory that consists of plain letters only. */
export interface PlainPath {
  path: string;
  remove(): void;
}

/**
 * `dir` itself where it has a plain path; else a link to it in the directory for temporary files, always the same for the same `dir`.
 * @throws Error when something of somebody else has the link's name
 */
export function openPlainPath(dir: string): PlainPath {
  if (PLAIN.test(dir)) return { path: dir, remove: () => undefined };
  const name = `berth-${process.getuid?.() ?? 0}-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
  const link = path.join(PLAIN.test(tmpdir()) ? tmpdir() : '/tmp', name);
  try {
    symlinkSync(dir, link);
  } catch (error) {
    if (!isOwnLink(link, dir))
      throw new Error(`${link}, wanted as a link to ${dir}, is there already`, { cause: error });
  }
  return { path: link, remove: () => rmSync(link, { force: true }) };
}

function isOwnLink(link: string, dir: string): boolean {
  const found = lstatSync(link, { throwIfNoEntry: false });
  return Boolean(found?.isSymbolicLink() && found.uid === process.getuid?.() && readlinkSync(link) === dir);
}
