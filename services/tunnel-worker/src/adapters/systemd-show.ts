/**
 * Parses `systemctl show`: KEY=VALUE lines in systemd's own order, units parted by a blank line.
 * @returns one map for each unit
 */
export function parseShow(text: string): Map<string, string>[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => {
      const pairs = block
        .split('\n')
        .filter((line) => line.includes('='))
        .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
      return new Map(pairs);
    })
    .filter((unit) => unit.size > 0);
}
