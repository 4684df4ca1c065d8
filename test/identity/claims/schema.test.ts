/** What may be stored of a person, by its JSON type. OpenID Connect Core §5.1 */
import { describe, expect, it } from 'vitest';
import { attributeSchema, claimsSchema } from '../../../src/identity/claims/schema.ts';

const isClaim = (claims: unknown) => claimsSchema.safeParse(claims).success;
const isAttribute = (value: unknown) => attributeSchema.safeParse(value).success;

describe('an e-mail address', () => {
  it.each(['a@b', "o'brien@example.com", 'a&b@example.com', 'ü@bücher.example', 'a+b@xn--bcher-kva.example'])(
    '%s is one',
    (email) => expect(isClaim({ email })).toBe(true),
  );

  it.each([
    '',
    'a',
    '@example.com',
    'a@',
    'a@b@c',
    'a b@example.com',
    'a@-example.com',
    'a@example-.com',
    'a@example..com',
    'a,b@example.com',
    '"a"@example.com',
    '<a@example.com>',
    'a@example.com\r\nBcc: b@example.com',
    'a\u200b@example.com',
    `${'a'.repeat(320)}@example.com`,
  ])('%j is none', (email) => expect(isClaim({ email })).toBe(false));
});

describe('a standard claim', () => {
  it.each([
    ['name', 'Alice', ''],
    ['name', 'x'.repeat(512), 'x'.repeat(513)],
    ['profile', 'https://alice.example', 'javascript:alert(1)'],
    ['picture', 'http://alice.example/p.png', 'data:image/png,x'],
    ['website', 'https://alice.example', 'alice.example'],
    ['birthdate', '2001-02-03', '03.02.2001'],
    ['birthdate', '2001', '2001-02'],
    ['birthdate', '0000-02-03', '20010203'],
    ['updated_at', 1_700_000_000, 1.5],
    ['email_verified', false, 'false'],
    ['phone_number_verified', true, 1],
    ['address', { locality: 'Graz' }, 'Graz'],
    ['address', {}, { city: 'Graz' }],
  ])('%s: %j is one, %j is not', (name, good, wrong) => {
    expect([isClaim({ [name]: good }), isClaim({ [name]: wrong })]).toEqual([true, false]);
  });

  it('that is the protocol’s own, or nobody’s, is none', () => {
    for (const name of ['sub', 'iss', 'aud', 'exp', 'groups', 'Name'])
      expect(isClaim({ [name]: 'x' }), name).toBe(false);
    for (const claims of [null, [], 'x', 1]) expect(isClaim(claims), JSON.stringify(claims)).toBe(false);
  });
});

describe('an attribute of the operator’s own', () => {
  it('is a text, a number, true or false, or a list of them', () => {
    for (const value of ['', 'x'.repeat(2048), 0, -1.5, true, [], ['a', 1, false], Array(200).fill('a')])
      expect(isAttribute(value)).toBe(true);
    for (const value of [null, {}, 'x'.repeat(2049), [['a']], [{}], [null], Array(201).fill('a'), Number.NaN])
      expect(isAttribute(value), JSON.stringify(value)?.slice(0, 40)).toBe(false);
  });

  it('RFC 7493 §2.2 is no whole number that two readers may take for different ones', () => {
    expect(isAttribute(Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(isAttribute(2 ** 53)).toBe(false);
    expect(isAttribute([1, -(2 ** 53)])).toBe(false);
    expect(isAttribute('9007199254740993')).toBe(true);
  });
});
