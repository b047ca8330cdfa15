import type { DoctorReport } from '@berth/contract/doctor';
import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { countOf, doctorLines } from '../show/doctor-lines.ts';
import { askOf, type CommonOptions, common, type Shell } from './shell.ts';

interface DoctorOptions extends CommonOptions {
  problems?: boolean;
}

/** Adds `berth doctor`. */
export function addDoctor(program: Command, shell: Shell): void {
  common(program.command('doctor'))
    .description('what the installation stands on: what is wrong, and what to do')
    .option('--problems', 'leave out what is good')
    .action((options) => examine(shell, options));
}

/** @throws Failure `failed` when something doesn't work */
async function examine(shell: Shell, { json, problems }: DoctorOptions): Promise<void> {
  const report = await askOf(shell)<DoctorReport>({ doing: 'examining the installation', path: '/v1/doctor' });
  if (json) shell.out.line(JSON.stringify(report, null, 2));
  else for (const line of doctorLines(report, shell.out, problems)) shell.out.line(line);
  const failing = countOf(report, 'fail');
  if (failing === 0) return;
  throw new Failure({ ending: 'failed', what: `${failing === 1 ? '1 check fails' : `${failing} checks fail`}` });
}
