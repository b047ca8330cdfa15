import type { DoctorReport } from '@berth/contract/doctor';
import { describe, expect, test } from 'vitest';
import { keepingTerminal } from '../testing/test-shell.ts';
import { doctorLines } from './doctor-lines.ts';

const checkedAt = '2026-11-25T19:00:00.000Z';
const report: DoctorReport = {
  status: 'fail',
  checkedAt,
  groups: [
    {
      scope: 'installation',
      subject: '',
      service: 'api',
      checkedAt,
      status: 'ok',
      checks: [{ id: 'postgres.version', title: 'Postgres 13 or later', status: 'ok', detail: '18.4', fix: '' }],
    },
    {
      scope: 'host',
      subject: 'alpha',
      service: 'container-worker',
      checkedAt,
      status: 'fail',
      checks: [
        { id: 'docker.disk', title: 'Room', status: 'warn', detail: '1500 MB are free', fix: 'make room' },
        { id: 'docker.live-restore', title: 'Restart', status: 'fail', detail: 'is off\u001b[2J', fix: 'switch it on' },
      ],
    },
  ],
};

describe('doctorLines', () => {
  test('shows who looked at what, what was found, and what to do', () => {
    expect(doctorLines(report, keepingTerminal())).toEqual([
      'Installation  api, 2026-11-25 19:00 UTC',
      '  ✓ Postgres 13 or later: 18.4',
      '',
      'Host alpha  container-worker, 2026-11-25 19:00 UTC',
      '  ! Room: 1500 MB are free',
      '      → make room',
      '  ✖ Restart: is off [2J',
      '      → switch it on',
      '',
      '✖ 1 ok, 1 to look at, 1 failing',
    ]);
  });

  test('leaves out what is good when only problems are asked for', () => {
    const lines = doctorLines(report, keepingTerminal(), true);
    expect(lines[0]).toContain('Host alpha');
    expect(lines.at(-1)).toContain('1 ok');
  });
});
