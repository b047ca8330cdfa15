import { addressTest, isIn, networkTest } from './address-tests.ts';
import { type RequestFields, requestFields } from './request-fields.ts';
import { ExpressionError, type Token, tokensOf } from './tokens.ts';

type Test = (request: RequestFields) => boolean;
type Text = (request: RequestFields) => string;

const SAME: Readonly<Record<string, string>> = { '==': 'eq', '!=': 'ne', '&&': 'and', '||': 'or', '!': 'not' };
const FUNCTIONS = new Set(['starts_with', 'ends_with']);

/** @param fields gets the names of the fields that are looked at @throws ExpressionError */
export function parseExpression(text: string, fields: Set<string>): Test {
  const tokens = tokensOf(text);
  let at = 0;

  const word = (token: Token | undefined) => (token && token.kind !== 'string' ? (SAME[token.text] ?? token.text) : '');
  const fail = (what: string): never => {
    throw new ExpressionError(`Filter parsing error (token ${at + 1}): ${what}`);
  };
  const next = (): Token => tokens[at++] ?? fail('expected more');
  const take = (text: string): boolean => {
    if (word(tokens[at]) !== text) return false;
    at += 1;
    return true;
  };
  const expect = (text: string): void => {
    if (!take(text)) fail(`expected ${text}`);
  };
  const string = (): string => {
    const token = next();
    return token.kind === 'string' ? token.text : fail('expected a string in quotes');
  };

  function either(): Test {
    const tests = [both()];
    while (take('or')) tests.push(both());
    return (request) => tests.some((test) => test(request));
  }

  function both(): Test {
    const tests = [one()];
    while (take('and')) tests.push(one());
    return (request) => tests.every((test) => test(request));
  }

  function one(): Test {
    if (take('not')) {
      const test = one();
      return (request) => !test(request);
    }
    if (!take('(')) return comparison();
    const test = either();
    expect(')');
    return test;
  }

  function comparison(): Test {
    const name = word(next());
    if (name === 'true' || name === 'false') return () => name === 'true';
    if (FUNCTIONS.has(name)) return callOf(name);
    const lower = name === 'lower' && take('(');
    const field = lower ? word(next()) : name;
    if (lower) expect(')');
    const found = Object.hasOwn(requestFields, field) ? requestFields[field] : undefined;
    if (!found) return fail(`unknown identifier ${field}`);
    fields.add(field);
    if (found.kind === 'flag') return (request) => found.read(request) === true;
    const read: Text = (request) => (lower ? String(found.read(request)).toLowerCase() : String(found.read(request)));
    return found.kind === 'address' ? compareAddress(read) : compareText(read);
  }

  function callOf(name: string): Test {
    expect('(');
    const field = word(next());
    const found = Object.hasOwn(requestFields, field) ? requestFields[field] : undefined;
    if (found?.kind !== 'text') return fail(`unknown identifier ${field}`);
    fields.add(field);
    expect(',');
    const part = string();
    expect(')');
    return (request) => {
      const value = String(found.read(request));
      return name === 'starts_with' ? value.startsWith(part) : value.endsWith(part);
    };
  }

  function compareText(read: Text): Test {
    const operator = word(next());
    if (operator === 'in') {
      const all = new Set(setOf(string));
      return (request) => all.has(read(request));
    }
    const value = string();
    if (operator === 'eq') return (request) => read(request) === value;
    if (operator === 'ne') return (request) => read(request) !== value;
    if (operator === 'contains') return (request) => read(request).includes(value);
    if (operator === 'wildcard') return wildcard(read, value);
    return fail(`unknown operator ${operator}`);
  }

  function compareAddress(read: Text): Test {
    const operator = word(next());
    if (operator === 'in') {
      const tests = setOf(() => networkTest(word(next())));
      return (request) => isIn(tests, read(request));
    }
    if (operator !== 'eq' && operator !== 'ne') return fail(`unknown operator ${operator}`);
    const test = addressTest(word(next()));
    return (request) => test(read(request)) === (operator === 'eq');
  }

  function setOf<T>(read: () => T): T[] {
    expect('{');
    const all: T[] = [];
    while (!take('}')) all.push(read());
    return all.length > 0 ? all : fail('expected a value');
  }

  const test = either();
  return at === tokens.length ? test : fail('unexpected input');
}

/** `*` stands for anything; upper and lower case are the same. */
function wildcard(read: Text, pattern: string): Test {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const matcher = new RegExp(`^${parts.join('.*')}$`, 'is');
  return (request) => matcher.test(read(request));
}
