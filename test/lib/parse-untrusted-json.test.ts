import { expect, it } from 'vitest';
import { parseJson, parseJsonBytes } from '../../src/lib/parse-untrusted-json.ts';

it.each([
  '{}',
  '[]',
  '1',
  '"a"',
  'null',
  ' { "a" : [ { "a" : 1 } , { "a" : 2 } ] , "b\\"" : "{[\\\\" } ',
  '{"a":"a","b":{"a":"b"}}',
  '["a","a"]',
  `${'['.repeat(32)}${']'.repeat(32)}`,
])('reads what is JSON as JSON.parse does: %s', (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
  expect(parseJsonBytes(Buffer.from(text))).toEqual(JSON.parse(text));
});

it.each([
  ['', /JSON/],
  ['{', /JSON/],
  ['{"a":1,}', /JSON/],
  ['"a', /no end/],
  ['"a\\', /no end/],
  ['{"a\\x":1}', /JSON|escape/],
  ['{"a":1,"a":2}', /"a" twice in one object/],
  ['{"a":1,"\\u0061" : 2}', /"a" twice in one object/],
  ['[{"b":{"__proto__":1,"__proto__":2}}]', /"__proto__" twice in one object/],
  [`${'['.repeat(33)}${']'.repeat(33)}`, /nested deeper/],
  ['['.repeat(1_000_000), /nested deeper/],
])('refuses what is none, is too deep or says a name twice: %s', (text, fault) => {
  expect(() => parseJson(text)).toThrow(fault);
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

it('refuses bytes that are not UTF-8, and does not repair them', () => {
  expect(() => parseJsonBytes(Buffer.from('"\u00ff"', 'latin1'))).toThrow(/UTF-8/);
  expect(() => parseJsonBytes(Buffer.from('\ufeff{}'))).toThrow(SyntaxError);
  expect(() => parseJson('["\\ud800"]')).toThrow(/surrogate/);
});

it('a member named __proto__ is a member, and no prototype', () => {
  const value = parseJson('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(value.admin).toBeUndefined();
});
