import { type Parsed, parsed, refused } from './parsed.ts';

const MEBIBYTE = 1024 ** 2;
const UNITS: Readonly<Record<string, number>> = { m: MEBIBYTE, g: 1024 ** 3, t: 1024 ** 4 };

/** What a site's connector takes beside its container: cloudflared was measured at 45 MB. */
export const CONNECTOR_MEMORY = 45 * MEBIBYTE;

/** `60g` and the like. @returns bytes, from 256 MiB to 64 TiB */
export function parseHostMemory(text: string): Parsed<number> {
  const found = /^(\d{1,9})([mgt])$/i.exec(text);
  const bytes = found ? Number(found[1]) * (UNITS[(found[2] ?? '').toLowerCase()] ?? 0) : 0;
  if (bytes < 256 * MEBIBYTE || bytes > 64 * 1024 ** 4) return refused('must be from 256m to 64t, such as 60g');
  return parsed(bytes);
}

const LABEL = /^([a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?)=([A-Za-z0-9._-]{0,63})$/;
const LABELS_AT_MOST = 32;

/** `region=eu,rack=7`. @returns the labels by name */
export function parseLabels(text: string): Parsed<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, name, , value] = LABEL.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      return refused(
        `must be name=value pairs separated by commas, such as region=eu,rack=7; ${JSON.stringify(part)} is not`,
      );
    }
    if (Object.hasOwn(labels, name)) return refused(`names ${name} twice`);
    labels[name] = value;
  }
  if (Object.keys(labels).length > LABELS_AT_MOST) return refused(`must not be more than ${LABELS_AT_MOST}`);
  return parsed(labels);
}
