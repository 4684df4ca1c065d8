import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AssuranceLevel,
  assuranceLevels,
  missingFactors,
  reachedAcr,
} from '../../src/identity/assurance.ts';
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import type { Factor } from '../../src/identity/factors/factor.ts';
import { factors } from '../../src/identity/factors/index.ts';

const PWD = 'urn:gatehouse:acr:pwd';
const TWO = 'urn:example:acr:two';

const toy = (name: string, amr: readonly string[]): Factor => ({
  name,
  amr,
  step: name,
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async () => true,
});
const code = toy('code', ['otp']);
const key = toy('key', ['hwk', 'user']);
const available = [...factors, code, key];

const two: AssuranceLevel = {
  acr: TWO,
  amr: [
    ['pwd', 'otp'],
    ['hwk', 'user'],
  ],
};

const namesOf = (found: readonly Factor[] | undefined) => found?.map(({ name }) => name);
const want = (...values: string[]) => ({ values, essential: true });

describe('every level', () => {
  it.each(assuranceLevels)('$acr can be reached by the factors of the table', ({ acr }) => {
    const missing = missingFactors([], want(acr)) ?? [];
    expect(missing.length).toBeGreaterThan(0);
    expect(reachedAcr(missing.flatMap(({ amr }) => amr))).toBe(acr);
  });
});

describe('the factors that are missing', () => {
  beforeAll(() => void (assuranceLevels as AssuranceLevel[]).push(two));
  afterAll(() => void (assuranceLevels as AssuranceLevel[]).pop());

  it('are none where the requested level or a stronger one is reached', () => {
    expect(missingFactors(['pwd'], want(PWD))).toEqual([]);
    expect(missingFactors(['pwd', 'otp'], want(PWD), available)).toEqual([]);
    expect(missingFactors(['hwk', 'user'], want(PWD), available)).toEqual([]);
    expect(missingFactors([], { values: [], essential: false })).toEqual([]);
  });

  it('are those that the sign-in did not use', () => {
    expect(namesOf(missingFactors([], want(TWO), available))).toEqual(['password', 'code']);
    expect(namesOf(missingFactors(['pwd'], want(TWO), available))).toEqual(['code']);
    expect(namesOf(missingFactors([], { values: [], essential: true }))).toEqual(['password']);
  });

  it('are others where one is not available', () => {
    expect(namesOf(missingFactors(['pwd'], want(TWO), [...factors, key]))).toEqual(['key']);
  });

  it('lead to the most preferred value that can be reached', () => {
    expect(namesOf(missingFactors([], want('urn:example:acr:none', TWO, PWD), available))).toEqual([
      'password',
      'code',
    ]);
    expect(namesOf(missingFactors([], want(TWO, PWD)))).toEqual(['password']);
  });

  it('are undefined where no available factor reaches the requested level', () => {
    expect(missingFactors(['pwd'], want(TWO))).toBeUndefined();
    expect(missingFactors([], want('urn:example:acr:none'), available)).toBeUndefined();
  });
});
