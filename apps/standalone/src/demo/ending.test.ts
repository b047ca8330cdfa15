import { describe, expect, test } from 'vitest';
import { makeEnding } from './ending.ts';

describe('makeEnding', () => {
  test('ends the last first, each once, and goes on after a failure', async () => {
    const ended: string[] = [];
    const ending = makeEnding();
    ending.add('first', () => void ended.push('first'));
    ending.add('second', () => Promise.reject(new Error('stuck')));
    ending.add('third', () => void ended.push('third'));
    expect(await ending.run()).toEqual(['second did not end properly: stuck']);
    await ending.run();
    await ending.runUrgently();
    expect(ended).toEqual(['third', 'first']);
  });

  test('does not wait for ever', async () => {
    const ending = makeEnding(10);
    ending.add('sleeper', () => new Promise(() => undefined));
    expect(await ending.run()).toEqual(['sleeper did not end within 0.01 s']);
  });

  test('ends only what would outlive the process when there is no time, also while it waits for the rest', async () => {
    const ended: string[] = [];
    const ending = makeEnding();
    ending.add('database', () => void ended.push('database'), { outlives: true });
    ending.add('services', () => new Promise(() => undefined));
    void ending.run();
    await ending.runUrgently();
    expect(ended).toEqual(['database']);
  });
});
