/** At run time too, nobody is proven but by what `personProven` made. ASVS V7.2.1 */
import { expect, it } from 'vitest';
import {
  isPersonProof,
  isUnproven,
  personProven,
  provenBesides,
  unproven,
} from '../../src/identity/proof-user-was-authenticated.ts';

it('a proof is one, with whom and by which methods', () => {
  const proof = personProven('alice', ['pwd']);
  expect(isPersonProof(proof)).toBe(true);
  expect(isUnproven(proof)).toBe(false);
  expect(proof).toMatchObject({ sub: 'alice', amr: ['pwd'] });
});

it('what only looks like one is none', () => {
  const looks: object[] = [
    {},
    { sub: 'alice', amr: ['pwd'] },
    { proven: true, sub: 'alice', amr: ['pwd'] },
    { [Symbol('person proven')]: true, sub: 'alice', amr: ['pwd'] },
    { [Symbol.for('person proven')]: true, sub: 'alice', amr: ['pwd'] },
    JSON.parse(JSON.stringify(personProven('alice', ['pwd']))),
    unproven('wrong_password'),
  ];
  for (const look of looks) expect(isPersonProof(look), JSON.stringify(look)).toBe(false);
});

it('that nobody is proven has its reason, and nothing else is taken for it', () => {
  expect(unproven('wrong_password')).toEqual({ reason: 'wrong_password' });
  expect(isUnproven(unproven('wrong_password'))).toBe(true);
  expect(isUnproven({})).toBe(false);
  for (const silence of [undefined, null]) {
    expect(() => isUnproven(silence as unknown as object)).toThrow();
    expect(() => isPersonProof(silence as unknown as object)).toThrow();
  }
});

it('RFC 8176 a further factor adds its methods to those before, each once, and stays a proof of its own person', () => {
  const both = provenBesides(['pwd', 'mfa'], personProven('alice', ['otp', 'mfa']));
  expect(both).toMatchObject({ sub: 'alice', amr: ['pwd', 'mfa', 'otp'] });
  expect(isPersonProof(both)).toBe(true);
});
