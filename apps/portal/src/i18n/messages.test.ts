import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { de } from './de.ts';
import { doctorTexts, wordsOfCheck } from './doctor-words.ts';
import { en } from './en.ts';

const SOURCES = path.join(import.meta.dirname, '..');

function flat(texts: object, before = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[before + key, value] as const] : [...flat(value, `${before}${key}.`)],
    ),
  );
}

const english = flat({ ...en, ...doctorTexts.en });
const german = flat({ ...de, ...doctorTexts.de });
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();

describe('messages', () => {
  test('say the same things in both languages', () => {
    expect([...german.keys()]).toEqual([...english.keys()]);
  });

  test('put the same things into their sentences', () => {
    for (const [key, text] of english)
      expect([key, placeholders(german.get(key) ?? '')]).toEqual([key, placeholders(text)]);
  });

  test('have as many steps at each registrar', () => {
    for (const [key, text] of english) {
      expect([key, german.get(key)?.split('|').length]).toEqual([key, text.split('|').length]);
    }
  });

  test('are all used', () => {
    const code = sources(SOURCES)
      .filter((file) => !file.includes('/i18n/'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    // What is put together from parts is looked for by its beginning.
    const begun = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((found) => found[1] ?? '');
    const unused = [...flat(en).keys()].filter((key) => {
      const plain = key.replace(/_(?:one|other)$/, '');
      return !code.includes(`'${plain}'`) && !begun.some((beginning) => plain.startsWith(beginning));
    });
    expect(unused).toEqual([]);
  });
});

describe('wordsOfCheck', () => {
  test('finds what is said of a check, and nothing of one that is not known', () => {
    expect(wordsOfCheck('de', 'docker.answers')).toEqual({
      title: doctorTexts.de.check.docker.answers,
      what: doctorTexts.de.finding.docker.answers.what,
      fix: doctorTexts.de.finding.docker.answers.fix,
    });
    const nothing = { title: undefined, what: undefined, fix: undefined };
    for (const id of ['docker', 'docker.nope', 'constructor', 'docker.answers.what.length', ''])
      expect(wordsOfCheck('en', id)).toEqual(nothing);
  });
});

function sources(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.join(dir, file));
}
