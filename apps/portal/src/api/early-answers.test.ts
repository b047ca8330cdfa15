import { afterEach, describe, expect, test } from 'vitest';
import { forgetEarlyAnswers, takeEarlyAnswer } from './early-answers.ts';

describe('early answers', () => {
  afterEach(() => {
    globalThis.berthEarly = undefined;
  });

  test('are taken once, by who asks the same', async () => {
    globalThis.berthEarly = new Map([['/v1/me', Promise.resolve(new Response('{}'))]]);
    expect(takeEarlyAnswer('/v1/sites')).toBeUndefined();
    expect(await takeEarlyAnswer('/v1/me')?.then((answer) => answer.status)).toBe(200);
    expect(takeEarlyAnswer('/v1/me')).toBeUndefined();
  });

  test('are none any more once they are forgotten, nor where none were asked for', () => {
    expect(takeEarlyAnswer('/v1/me')).toBeUndefined();
    globalThis.berthEarly = new Map([['/v1/me', Promise.resolve(new Response('{}'))]]);
    forgetEarlyAnswers();
    expect(takeEarlyAnswer('/v1/me')).toBeUndefined();
  });
});
