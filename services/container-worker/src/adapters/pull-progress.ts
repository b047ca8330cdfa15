import type { PullProgress } from '../reconcile/container-access.ts';

/** A line that the Engine writes while it pulls. */
export interface PullLine {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}

/** How much of a layer's way its download is; unpacking is the rest. */
const DOWNLOAD = 0.8;

/**
 * Adds up the lines of a pull. Layers count alike, since the size of one is known only when its download begins; what was reached is
 * never taken back.
 */
export function makePullProgress(): (line: PullLine) => PullProgress {
  const layers = new Map<string, number>();
  const bytes = new Map<string, { current: number; total: number }>();
  let percent = 0;
  return ({ id, status = '', progressDetail = {} }) => {
    const share = shareOf(status, progressDetail);
    if (id !== undefined && share !== undefined) layers.set(id, Math.max(share, layers.get(id) ?? 0));
    const { current, total } = progressDetail;
    if (id !== undefined && status === 'Downloading' && current !== undefined && total !== undefined) {
      bytes.set(id, { current, total });
    }
    const shares = [...layers.values()];
    const mean = shares.length === 0 ? 0 : shares.reduce((sum, one) => sum + one, 0) / shares.length;
    percent = Math.max(percent, Math.floor(mean * 100));
    const sum = (key: 'current' | 'total') => [...bytes.values()].reduce((left, one) => left + one[key], 0);
    return {
      percent,
      layers: shares.length,
      layersDone: shares.filter((one) => one === 1).length,
      bytes: sum('current'),
      totalBytes: sum('total'),
    };
  };
}

/** How far a layer is, from 0 to 1; undefined for a line that is about no layer. */
function shareOf(status: string, { current = 0, total = 0 }: { current?: number; total?: number }): number | undefined {
  const part = total > 0 ? Math.min(1, current / total) : 0;
  switch (status) {
    case 'Pulling fs layer':
    case 'Waiting':
      return 0;
    case 'Downloading':
      return DOWNLOAD * part;
    case 'Verifying Checksum':
    case 'Download complete':
      return DOWNLOAD;
    case 'Extracting':
      return DOWNLOAD + (1 - DOWNLOAD) * Math.min(part, 0.99);
    case 'Pull complete':
    case 'Already exists':
      return 1;
    default:
      return undefined;
  }
}
