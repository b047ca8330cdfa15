import { describe, expect, test } from 'vitest';
import { parseImageReference } from './image-reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseImageReference', () => {
  test.each([
    ['nginx', 'nginx:latest'],
    ['nginx:1.27', 'nginx:1.27'],
    ['library/nginx', 'library/nginx:latest'],
    ['registry.example.org/team/site:1.4.2', 'registry.example.org/team/site:1.4.2'],
    ['localhost:5000/site', 'localhost:5000/site:latest'],
    [`site@${digest}`, `site@${digest}`],
    [`site:1@${digest}`, `site:1@${digest}`],
  ])('takes %j', (text, value) => {
    expect(parseImageReference(text)).toEqual({ ok: true, value });
  });

  test.each([
    '',
    'UPPER/case',
    'site:',
    'site:-x',
    'a//b',
    '/site',
    'site/',
    'site@sha256:short',
    'site image',
    'site;reboot',
    '$(reboot)',
    '--privileged',
    '../site',
    `${'a'.repeat(300)}`,
  ])('refuses %j', (text) => {
    expect(parseImageReference(text).ok).toBe(false);
  });
});
