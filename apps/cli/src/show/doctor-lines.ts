import type { CheckGroup, DoctorReport } from '@berth/contract/doctor';
import { plain, type Terminal } from '../terminal.ts';

type CheckStatus = DoctorReport['status'];

const MARKS = { ok: '✓', warn: '!', fail: '✖' } as const;
const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** What an installation stands on, for a person: by who looked, each with what was found and what to do. */
export function doctorLines(report: DoctorReport, terminal: Terminal, onlyProblems = false): string[] {
  const lines = report.groups.flatMap((group) => groupLines(group, terminal, onlyProblems));
  return [...lines, summary(report, terminal)];
}

/** How many checks have this status. */
export function countOf({ groups }: DoctorReport, wanted: CheckStatus): number {
  return groups.flatMap(({ checks }) => checks).filter(({ status }) => status === wanted).length;
}

function groupLines(group: CheckGroup, terminal: Terminal, onlyProblems: boolean): string[] {
  const { checks, service, checkedAt } = group;
  const shown = onlyProblems ? checks.filter(({ status }) => status !== 'ok') : checks;
  if (shown.length === 0) return [];
  const when = `${checkedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const lines = shown.flatMap(({ status, title, detail, fix }) => {
    const mark = terminal[COLORS[status]](MARKS[status]);
    return [
      `  ${mark} ${plain(title)}: ${plain(detail)}`,
      ...(fix ? [`      ${terminal.bold('→')} ${plain(fix)}`] : []),
    ];
  });
  return [`${terminal.bold(titleOf(group))}  ${terminal.dim(`${service}, ${when}`)}`, ...lines, ''];
}

function titleOf({ scope, subject }: CheckGroup): string {
  if (scope === 'installation') return 'Installation';
  return `${scope === 'host' ? 'Host' : 'Cloudflare'} ${plain(subject)}`.trim();
}

function summary(report: DoctorReport, terminal: Terminal): string {
  const [ok, warn, fail] = (['ok', 'warn', 'fail'] as const).map((status) => countOf(report, status));
  return `${terminal[COLORS[report.status]](MARKS[report.status])} ${ok} ok, ${warn} to look at, ${fail} failing`;
}
