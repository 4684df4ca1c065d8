/** Request parameters, empty values and repetitions. RFC 6749 §3.1, §3.2 */
import { describe, expect, it } from 'vitest';
import { PASSED } from '../../src/lib/outcome.ts';
import { JsonError } from '../../src/lib/parse-untrusted-json.ts';
import { OAuthError } from '../../src/oauth/errors.ts';
import {
  boundValue,
  checkRepeated,
  describeParameters,
  jsonOf,
  longestOf,
  parseParameters,
  readParameters,
  textOf,
} from '../../src/oauth/parameters.ts';

function thrownBy(work: () => unknown): OAuthError {
  try {
    work();
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a parameter', () => {
  it('G4 without a value is as good as not sent, and counts as sent twice all the same', () => {
    const parameters = readParameters([
      ['scope', ''],
      ['state', 'a'],
    ]);
    expect(parameters.get('scope')).toBeUndefined();
    expect(parameters.all('scope')).toEqual([]);
    expect(parameters.get('state')).toBe('a');
    expect(parameters.get('nonce')).toBeUndefined();
    expect(parameters.repeated).toEqual([]);
    const twice = readParameters([
      ['scope', ''],
      ['scope', 'a'],
    ]);
    expect(twice.repeated).toEqual(['scope']);
    expect(twice.get('scope')).toBeUndefined();
  });

  it('G4 that is sent twice has no value, whether both are the same or not', () => {
    for (const second of ['a', 'b', '']) {
      const parameters = readParameters([
        ['state', 'a'],
        ['state', second],
      ]);
      expect(parameters.get('state'), second).toBeUndefined();
      expect(parameters.sent('state'), second).toBeUndefined();
    }
    expect(
      readParameters([
        ['state', 'a'],
        ['State', 'b'],
      ]).get('state'),
    ).toBe('a');
  });

  it('G4 resource and audience alone may come again', () => {
    for (const name of ['resource', 'audience']) {
      const parameters = readParameters([
        [name, 'a'],
        [name, ''],
        [name, 'b'],
      ]);
      expect(parameters.repeated).toEqual([]);
      expect(parameters.all(name)).toEqual(['a', 'b']);
      expect(parameters.get(name)).toBe('a');
    }
    expect(
      describeParameters()
        .filter(({ isRepeatable }) => isRepeatable)
        .map(({ name }) => name),
    ).toEqual(['resource', 'audience']);
  });

  it('with the name of a member of objects is one like another', () => {
    const parameters = readParameters([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(parameters.get('__proto__')).toBe('a');
    expect(parameters.get('constructor')).toBe('b');
    expect(parameters.get('toString')).toBeUndefined();
  });

  it('counts its characters, the empty and the repeated too', () => {
    expect(
      readParameters([
        ['a', '123'],
        ['a', '45'],
        ['b', ''],
        ['c', { json: { d: 1 } }],
      ]).characters,
    ).toBe(3 + 2 + 7);
  });
});

describe('a repetition', () => {
  it('G4 is invalid_request, by the name that came again first', () => {
    const pairs = [
      ['b', '1'],
      ['a', '1'],
      ['a', '2'],
      ['b', '2'],
    ] as const;
    const refused = thrownBy(() => parseParameters(pairs));
    expect([refused.error, refused.reason]).toEqual(['invalid_request', 'repeated_parameter']);
    expect(refused.description).toBe('the parameter a was sent more than once');
    expect(checkRepeated(readParameters(pairs.slice(0, 2)))).toBe(PASSED);
    expect(parseParameters(pairs.slice(0, 2)).get('b')).toBe('1');
  });

  it('is reported without any text that an attacker could write into the sentence', () => {
    const name = `<b>"\r\n§${'x'.repeat(100)}`;
    const { description } = thrownBy(() =>
      parseParameters([
        [name, '1'],
        [name, '2'],
      ]),
    );
    expect(description).toBe(`the parameter ?b?????${'x'.repeat(33)} was sent more than once`);
  });
});

describe('a value that came as JSON', () => {
  it('is text where it is text, and otherwise as it is written', () => {
    expect(textOf({ json: 'a' })).toBe('a');
    expect(textOf({ json: 300 })).toBe('300');
    expect(textOf({ json: { a: [1] } })).toBe('{"a":[1]}');
    expect(textOf('{"a":1}')).toBe('{"a":1}');
    expect(readParameters([['max_age', { json: 300 }]]).get('max_age')).toBe('300');
    expect(readParameters([['claims', { json: { a: 1 } }]]).sent('claims')).toEqual({ json: { a: 1 } });
  });

  it('is the same value as the same JSON in a text', () => {
    expect(jsonOf('{"a":[1,"b"]}')).toEqual(jsonOf({ json: { a: [1, 'b'] } }));
    for (const text of ['', '{', "{'a':1}", '{"a":1,"a":2}'])
      expect(() => jsonOf(text), text).toThrow(JsonError);
  });
});

describe('the longest value', () => {
  it('is taken and one character more is refused, for each that has a row', () => {
    const rows = describeParameters();
    expect(rows.length).toBeGreaterThan(40);
    for (const { name, longest } of rows) {
      expect(longestOf(name)).toBe(longest);
      expect(boundValue(name, 'x'.repeat(longest))).toHaveLength(longest);
      const refused = thrownBy(() => boundValue(name, 'x'.repeat(longest + 1)));
      expect([refused.error, refused.reason, refused.status]).toEqual([
        'invalid_request',
        'parameter_too_long',
        400,
      ]);
      expect(refused.description).toBe(
        `${name} has ${longest + 1} characters; ${longest} are the most that it may have`,
      );
    }
  });

  it('of an unknown parameter has 1024 characters; a longer one counts as not sent', () => {
    expect(longestOf('campaign')).toBe(1024);
    expect(boundValue('campaign', 'x'.repeat(1024))).toHaveLength(1024);
    expect(boundValue('campaign', 'x'.repeat(1025))).toBe('');
    expect(boundValue('__proto__', 'x'.repeat(1025))).toBe('');
    expect(boundValue('toString', 'x'.repeat(1025))).toBe('');
  });
});
