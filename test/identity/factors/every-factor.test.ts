/** What every row of the table of factors must refuse; a factor without a sample fails. ASVS V6.3.3 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountPolicy } from '../../../src/identity/attempts/throttling.ts';
import type { SecondFactor } from '../../../src/identity/factors/factor.ts';
import { factors } from '../../../src/identity/factors/index.ts';
import { personProven, unproven } from '../../../src/identity/person-proof.ts';
import { type IdentityFixture, openIdentity, plainHasher } from '../identity-only.ts';
import { defineSample, type FactorSample } from './factor-faults.ts';

let identity: IdentityFixture;
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
});
afterAll(() => identity.close());

/** Throws where the factor has none. */
async function sampleOf(name: string): Promise<FactorSample> {
  const path = fileURLToPath(new URL(`./samples/${name}.ts`, import.meta.url));
  if (!existsSync(path))
    throw new Error(`the factor ${name} has no sample: write test/identity/factors/samples/${name}.ts`);
  const { sample }: { sample: FactorSample } = await import(`./samples/${name}.ts`);
  return sample;
}

describe('each factor of the table', () => {
  it.each(factors)('$name refuses whatever is not the value of this user at this time', async (factor) => {
    const sample = await sampleOf(factor.name);
    expect(sample.factor).toBe(factor);
    expect(await sample.faults(identity)).toEqual([]);
  });

  it('needs a sample', async () => {
    await expect(sampleOf('toy')).rejects.toThrow('write test/identity/factors/samples/toy.ts');
  });
});

interface Typed {
  readonly code: string;
}

const codes = new Map<string, string>();
const careful: SecondFactor<Typed, Typed> = {
  name: 'toy',
  amr: ['otp'],
  step: 'toy',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async (_db, sub) => codes.has(sub),
  look: async (_context, { code }, { sub = '' }) =>
    codes.get(sub) === code ? { code } : unproven('wrong_password'),
  async confirm(_context, _tx, sub, { code }) {
    if (codes.get(sub) !== code) return unproven('wrong_password');
    codes.delete(sub);
    return personProven(sub, ['otp']);
  },
};

const faultsOf = (carelessly: Partial<typeof careful>) =>
  defineSample<Typed, undefined, Typed>(
    { ...careful, ...carelessly },
    {
      async enrol(_identity, { sub }, which) {
        const code = `${which} of ${sub}`;
        codes.set(sub, code);
        return { code };
      },
      remove: async (_identity, { sub }) => codes.delete(sub),
      wrong: () => ({ code: '000000' }),
      empty: () => ({ code: '' }),
      isOneTime: true,
    },
  ).faults(identity);

describe('a careless factor is noticed:', () => {
  const between = (what: string) =>
    `a credential that was ${what} between \`look\` and \`confirm\` is accepted`;
  const twice = 'a value that is valid once is accepted twice';

  it('none where it forgets nothing', async () => {
    expect(await faultsOf({})).toEqual([]);
  });

  it('its `look` compares nothing', async () => {
    const look: typeof careful.look = async (_context, _typed, { sub = '' }) => ({
      code: codes.get(sub) ?? '',
    });
    const faults = await faultsOf({ look });
    expect(faults).toContain('a wrong value is accepted');
    expect(faults).toContain('an empty value is accepted');
  });

  it('its `look` takes an empty value', async () => {
    const look: typeof careful.look = async (_context, { code }, { sub = '' }) => {
      const held = codes.get(sub) ?? '';
      return held.startsWith(code) ? { code: held } : unproven('wrong_password');
    };
    expect(await faultsOf({ look })).toEqual(['an empty value is accepted']);
  });

  it('its `confirm` asks nothing again', async () => {
    const confirm: typeof careful.confirm = async (_context, _tx, sub) => personProven(sub, ['otp']);
    expect(await faultsOf({ confirm })).toEqual([between('replaced'), between('removed'), twice]);
  });

  it('it spends nothing', async () => {
    const confirm: typeof careful.confirm = async (_context, _tx, sub, { code }) =>
      codes.get(sub) === code ? personProven(sub, ['otp']) : unproven('wrong_password');
    expect(await faultsOf({ confirm })).toEqual([twice]);
  });

  it('it takes the value of anybody', async () => {
    const isAnybodys = (code: string) => [...codes.values()].includes(code);
    const look: typeof careful.look = async (_context, { code }) =>
      isAnybodys(code) ? { code } : unproven('wrong_password');
    const confirm: typeof careful.confirm = async (_context, _tx, sub, { code }) =>
      isAnybodys(code) && codes.delete(sub) ? personProven(sub, ['otp']) : unproven('wrong_password');
    expect(await faultsOf({ look, confirm })).toContain('the value of another user is accepted');
  });

  it('it proves another user', async () => {
    const confirm: typeof careful.confirm = async () => personProven('somebody', ['otp']);
    expect(await faultsOf({ confirm })).toEqual([
      'the right value is refused, or proves another user or method',
    ]);
  });
});
