import { readFileSync } from 'node:fs';
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
import { password } from '../../src/identity/factors/password.ts';

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
/** Of the rows that there are, the password alone: which others there are changes no answer below. */
const available = [password, code, key];

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

const levels = assuranceLevels as AssuranceLevel[];

describe('a second factor', () => {
  const rankOf = (amr: readonly string[]) => assuranceLevels.findIndex(({ acr }) => acr === reachedAcr(amr));
  /** Those that lead to no level above that of the first factor alone: no app could ask for them. */
  const withoutLevel = (rows: readonly Factor[]) => {
    const first = rankOf(password.amr);
    return rows.filter(({ comes, amr }) => comes === 'second' && rankOf([...password.amr, ...amr]) <= first);
  };

  it('reaches a level above that of the password alone', () => {
    expect(namesOf(withoutLevel(factors))).toEqual([]);
  });

  it('that reaches none is named', () => {
    const toys = [toy('of no level', ['toy']), toy('of a level', ['otp-of-toy'])];
    const before = levels.length;
    levels.push({ acr: TWO, amr: [['pwd', 'otp-of-toy']] });
    expect(namesOf(withoutLevel(toys))).toEqual(['of no level']);
    levels.splice(before);
    expect(namesOf(withoutLevel(toys))).toEqual(['of no level', 'of a level']);
  });
});

describe('docs/how-to/step-up.md', () => {
  const page = readFileSync(new URL('../../docs/how-to/step-up.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(urn:[^`]+)` \| [^|]+ \|$/gm)].map(([, acr]) => acr);

  it('has a row for each level, the weakest first', () => {
    expect(rows).toEqual(assuranceLevels.map(({ acr }) => acr));
  });
});

describe('the factors that are missing', () => {
  let live: readonly AssuranceLevel[];
  beforeAll(() => {
    live = levels.splice(0, levels.length, { acr: PWD, amr: [['pwd']] }, two);
  });
  afterAll(() => void levels.splice(0, levels.length, ...live));

  it('are none where the requested level or a stronger one is reached', () => {
    expect(missingFactors(['pwd'], want(PWD), [password])).toEqual([]);
    expect(missingFactors(['pwd', 'otp'], want(PWD), available)).toEqual([]);
    expect(missingFactors(['hwk', 'user'], want(PWD), available)).toEqual([]);
    expect(missingFactors([], { values: [], essential: false }, available)).toEqual([]);
  });

  it('are those that the sign-in did not use', () => {
    expect(namesOf(missingFactors([], want(TWO), available))).toEqual(['password', 'code']);
    expect(namesOf(missingFactors(['pwd'], want(TWO), available))).toEqual(['code']);
    expect(namesOf(missingFactors([], { values: [], essential: true }, [password]))).toEqual(['password']);
  });

  it('are others where one is not available', () => {
    expect(namesOf(missingFactors(['pwd'], want(TWO), [password, key]))).toEqual(['key']);
  });

  it('lead to the most preferred value that can be reached', () => {
    expect(namesOf(missingFactors([], want('urn:example:acr:none', TWO, PWD), available))).toEqual([
      'password',
      'code',
    ]);
    expect(namesOf(missingFactors([], want(TWO, PWD), [password]))).toEqual(['password']);
  });

  it('are undefined where no available factor reaches the requested level', () => {
    expect(missingFactors(['pwd'], want(TWO), [password])).toBeUndefined();
    expect(missingFactors([], want('urn:example:acr:none'), available)).toBeUndefined();
  });
});
