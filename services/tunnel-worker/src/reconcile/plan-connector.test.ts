import { describe, expect, test } from 'vitest';
import type { ObservedUnit } from './connector-access.ts';
import { connectorFiles } from './connector-files.ts';
import { type ConnectorStep, type ObservedConnector, planConnector, planConnectorEnd } from './plan-connector.ts';

const files = connectorFiles(
  {
    siteKey: 'a',
    accountId: 'account',
    tunnelId: 'tunnel',
    hostnames: ['example.com'],
    port: 3100,
    metricsAddress: '127.0.0.1:20000',
    tunnelSecret: 'secret',
    proofSecret: 'proof',
  },
  { configDir: '/c', unitDir: '/u', cloudflared: '/b/cloudflared' },
);
const proof = 'the-proof';
const runs = { config: `{"path":"^/x/${proof}$"}`, connected: true };
const silent = { config: undefined, connected: false };

const loaded: ObservedUnit = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  unitFileState: 'enabled',
  invocationId: 'i1',
  needsReload: false,
};
const absent: ObservedUnit = {
  loadState: 'not-found',
  activeState: 'inactive',
  subState: 'dead',
  unitFileState: '',
  invocationId: '',
  needsReload: false,
};
const written = (name: keyof typeof files) => ({ content: files[name].content, mode: files[name].mode });
const there: ObservedConnector['files'] = {
  credentials: written('credentials'),
  config: written('config'),
  unit: written('unit'),
  dropIn: written('dropIn'),
};
const nothing: ObservedConnector['files'] = {
  credentials: undefined,
  config: undefined,
  unit: undefined,
  dropIn: undefined,
};

const said = (steps: ConnectorStep[]): string[] =>
  steps.map((step) => {
    if (step.kind === 'write') return `write ${step.file.path}`;
    return step.kind === 'remove' ? `remove ${step.path}` : step.kind;
  });
const plan = (observed: Partial<ObservedConnector>, restartFrom?: string) =>
  said(planConnector(files, { files: there, unit: loaded, running: runs, ...observed }, proof, restartFrom));

describe('planConnector', () => {
  test('does nothing while the right files run', () => {
    expect(plan({})).toEqual([]);
    expect(plan({ unit: { ...loaded, activeState: 'activating', subState: 'start' } })).toEqual([]);
  });

  test('writes all files, the unit last, then enables and starts it without a reload', () => {
    expect(plan({ files: nothing, unit: absent, running: silent })).toEqual([
      'write /u/cloudflared-customer-.service.d/50-berth.conf',
      'write /c/customer-a.json',
      'write /c/customer-a.yml',
      'write /u/cloudflared-customer-a.service',
      'enable',
      'start',
    ]);
  });

  test('writes only what differs', () => {
    const other = { ...there, config: { content: 'other', mode: 0o644 } };
    expect(plan({ files: other, running: { config: 'old', connected: true } })).toEqual([
      'write /c/customer-a.yml',
      'restart',
    ]);
  });

  test('writes credentials again that others may read', () => {
    const open = { ...there, credentials: { content: files.credentials.content, mode: 0o644 } };
    expect(plan({ files: open })).toEqual(['write /c/customer-a.json']);
  });

  test('restarts what runs with another configuration, though the files are right', () => {
    expect(plan({ running: { config: 'old', connected: true } })).toEqual(['restart']);
  });

  test('restarts what does not answer yet when a file that it has read was changed', () => {
    const other = { ...there, credentials: { content: 'other', mode: 0o600 } };
    expect(plan({ files: other, running: silent })).toEqual(['write /c/customer-a.json', 'restart']);
    expect(plan({ running: silent })).toEqual([]);
  });

  test('leaves it to systemd to start again what has just ended', () => {
    const between = { ...loaded, activeState: 'activating', subState: 'auto-restart' };
    const stranger = { config: 'somebody else’s', connected: true };
    expect(plan({ unit: between, running: stranger })).toEqual([]);
  });

  test('reloads and restarts when systemd holds another definition than the files', () => {
    expect(plan({ unit: { ...loaded, needsReload: true } })).toEqual(['reload', 'restart']);
    const other = { ...there, dropIn: { content: 'other', mode: 0o644 } };
    expect(plan({ files: other })).toEqual([
      'write /u/cloudflared-customer-.service.d/50-berth.conf',
      'reload',
      'restart',
    ]);
  });

  test('starts what is stopped, and resets it before when it failed', () => {
    expect(plan({ unit: { ...loaded, activeState: 'inactive' }, running: silent })).toEqual(['start']);
    expect(plan({ unit: { ...loaded, activeState: 'failed' }, running: silent })).toEqual(['reset', 'start']);
  });

  test('waits for what is stopping', () => {
    expect(plan({ unit: { ...loaded, activeState: 'deactivating' }, running: silent })).toEqual([]);
  });

  test('enables what is not, and has systemd look again at a unit that it holds', () => {
    expect(plan({ unit: { ...loaded, unitFileState: 'disabled' } })).toEqual(['enable', 'reload']);
    expect(plan({ unit: { ...absent, activeState: 'active' } })).toEqual(['enable']);
    const masked = { ...loaded, loadState: 'masked', unitFileState: 'masked' };
    const files = { ...there, unit: { content: '', mode: 0o666 } };
    expect(plan({ unit: masked, files })).toEqual([
      'write /u/cloudflared-customer-a.service',
      'enable',
      'reload',
      'restart',
    ]);
  });

  test('restarts the invocation that a restart is wanted for, and no other', () => {
    expect(plan({}, 'i1')).toEqual(['restart']);
    expect(plan({}, 'i0')).toEqual([]);
  });
});

describe('planConnectorEnd', () => {
  const paths = { credentials: '/c/customer-a.json', config: '/c/customer-a.yml', unit: '/u/a.service' };
  const end = (observed: Partial<ObservedConnector>) =>
    said(planConnectorEnd(paths, { files: there, unit: loaded, running: runs, ...observed }));

  test('stops what runs before it touches a file', () => {
    expect(end({})).toEqual(['stop']);
    expect(end({ unit: { ...loaded, activeState: 'activating' } })).toEqual(['stop']);
  });

  test('waits for what is stopping', () => {
    expect(end({ unit: { ...loaded, activeState: 'deactivating' } })).toEqual([]);
  });

  test('disables, removes and lets systemd forget what is stopped', () => {
    const removal = ['disable', 'remove /u/a.service', 'remove /c/customer-a.yml', 'remove /c/customer-a.json'];
    expect(end({ unit: { ...loaded, activeState: 'inactive' } })).toEqual([...removal, 'reload']);
    expect(end({ unit: { ...loaded, activeState: 'failed' } })).toEqual([...removal, 'reset', 'reload']);
  });

  test('disables also what systemd says is not enabled, which it may have said before it was', () => {
    const stopped = { ...loaded, activeState: 'inactive', unitFileState: 'disabled' };
    expect(end({ unit: stopped })[0]).toBe('disable');
  });

  test('is empty when nothing is left', () => {
    expect(end({ files: nothing, unit: absent, running: silent })).toEqual([]);
  });

  test('leaves the drop-in to the last one', () => {
    expect(end({ files: { ...nothing, dropIn: there.dropIn }, unit: absent, running: silent })).toEqual([]);
  });
});
