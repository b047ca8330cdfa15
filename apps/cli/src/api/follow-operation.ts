import type { Operation, OperationStep } from '@berth/contract/operation';
import { Failure } from '../failure.ts';
import { plain, type Terminal } from '../terminal.ts';
import type { Ask } from './ask.ts';

/** How often a change is looked for; the end is told at once. */
const LOOK_SECONDS = 2;

interface Following {
  ask: Ask;
  /** where the steps are told */
  terminal: Terminal;
  timeoutMs: number;
}

/**
 * Waits until an operation is done, and tells each step that changes.
 * @returns the operation, succeeded
 * @throws Failure `failed` when it failed or was canceled, `timeout` when the time was over first
 */
export async function followOperation(begun: Operation, { ask, terminal, timeoutMs }: Following): Promise<Operation> {
  const deadline = performance.now() + timeoutMs;
  const told = new Map<string, string>();
  let operation = begun;
  for (;;) {
    tell(operation, told, terminal);
    if (operation.done) return mustHaveSucceeded(operation);
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw toTimeout(operation, timeoutMs);
    const wait = Math.max(0, Math.min(LOOK_SECONDS, leftMs / 1000));
    const path = `${operation.url}?wait=${wait.toFixed(2)}`;
    operation = await ask<Operation>({
      doing: `following the ${KINDS[operation.kind]} of site ${operation.site}`,
      path,
    });
  }
}

const KINDS: Readonly<Record<Operation['kind'], string>> = {
  order: 'order',
  restart: 'restart',
  deploy: 'deploy',
  confirm: 'confirmation',
  delete: 'deletion',
  'create-tunnel': 'new tunnel',
  'delete-tunnel': 'deletion of the tunnel',
};

const WORDS = { pending: 'waits', running: 'works', waiting: 'waits for you', done: 'done' } as const;

function tell({ steps }: Operation, told: Map<string, string>, terminal: Terminal): void {
  for (const step of steps) {
    const line = lineOf(step, terminal);
    const before = told.get(step.aspect);
    told.set(step.aspect, line);
    // What stood there before it was asked for isn't work on it.
    const isOld = before === undefined && step.status === 'running';
    if (line === before || isOld || step.status === 'pending') continue;
    terminal.line(line);
  }
}

function lineOf({ aspect, status, reason, message }: OperationStep, terminal: Terminal): string {
  const color = status === 'done' ? terminal.green : status === 'waiting' ? terminal.yellow : terminal.dim;
  return `  ${aspect.padEnd(10)} ${color(WORDS[status].padEnd(13))} ${plain(`${reason}${message && `: ${message}`}`)}`;
}

function mustHaveSucceeded(operation: Operation): Operation {
  if (operation.status === 'succeeded') return operation;
  const bad = operation.steps.filter((step) => step.status !== 'done' && step.message !== '');
  throw new Failure({
    ending: 'failed',
    what: `the ${KINDS[operation.kind]} of site ${operation.site} ${operation.status === 'failed' ? 'failed' : 'was canceled'}`,
    why: bad.map((step) => `${step.aspect}: ${step.reason}: ${step.message}`),
    fix: `berth site show ${operation.site}`,
  });
}

function toTimeout({ kind, site, steps, waitingFor }: Operation, timeoutMs: number): Failure {
  const open = steps.filter((step) => step.status !== 'done');
  return new Failure({
    ending: 'timeout',
    what: `the ${KINDS[kind]} of site ${site} is not done after ${Math.round(timeoutMs / 1000)} s; it goes on by itself`,
    why: waitingFor ? [waitingFor] : open.map((step) => `${step.aspect}: ${step.reason}`),
    fix: `berth site show ${site} tells how far it is; the same command takes the waiting up again`,
  });
}
