/** What every row of the table of factors must refuse; a factor without a sample fails. ASVS V6.3.3 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { factors } from '../../../src/identity/factors/index.ts';
import { personProven, unproven } from '../../../src/identity/proof-user-was-authenticated.ts';
import { removeSecondFactors } from '../../../src/identity/second-factors/remove-second-factors.ts';
import { accepted, type IdentityFixture, openIdentity } from '../identity-only.ts';
import type { FactorSample } from './factor-faults.ts';
import { type careful, type carefully, codes, digestHasher, reset, sampleWith } from './toy-factor.ts';

let identity: IdentityFixture;
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: digestHasher() });
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

  it.each(factors)(
    '$name is not guessed more than a hundred times at one user, by nobody',
    async ({ name }) => {
      expect(await (await sampleOf(name)).guessFaults(identity)).toEqual([]);
    },
  );

  it.each(factors)('$name has a sample that resets nothing by itself: the product does', ({ name }) => {
    const text = readFileSync(new URL(`./samples/${name}.ts`, import.meta.url), 'utf8');
    expect(text).not.toContain('credentialReplaced');
  });

  it.each(factors.filter(({ comes }) => comes === 'second'))(
    '$name is taken by an operator from a user who lost it',
    async ({ name, isEnrolled }) => {
      const user = await identity.user(`lost-${name}`);
      await (await sampleOf(name)).enrol(identity, user);
      expect(await isEnrolled(identity.db, user.sub)).toBe(true);
      expect(accepted(await removeSecondFactors(identity, user.sub))).toContain(name);
      expect(await isEnrolled(identity.db, user.sub)).toBe(false);
    },
  );

  it('needs a sample', async () => {
    await expect(sampleOf('toy')).rejects.toThrow('write test/identity/factors/samples/toy.ts');
  });
});

const faultsOf = (...changed: Parameters<typeof sampleWith>) => sampleWith(...changed).faults(identity);

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

  it.each([
    ['cuts what is too long', (code: string, held: string) => code.slice(0, held.length) === held],
    ['trims', (code: string, held: string) => code.trim() === held],
    ['compares the beginning', (code: string, held: string) => held !== '' && code.startsWith(held)],
  ])('its `look` %s', async (_what, isRight) => {
    const look: typeof careful.look = async (_context, { code }, { sub = '' }) => {
      const held = codes.get(sub) ?? '';
      return isRight(code, held) ? { code: held } : unproven('wrong_password');
    };
    expect(await faultsOf({ look })).toContain('an oversized value is accepted');
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

  it('its `isEnrolled` says always the same, or asks about anybody', async () => {
    const enrolledIs = (isEnrolled: typeof careful.isEnrolled) => faultsOf({ isEnrolled });
    const [before, after, removed] = [
      '`isEnrolled` is not false before it is enrolled',
      '`isEnrolled` is not true after it was enrolled',
      '`isEnrolled` is not false after it was removed',
    ];
    expect(await enrolledIs(async () => true)).toEqual([before, removed]);
    expect(await enrolledIs(async () => false)).toEqual([after]);
    expect(await enrolledIs(async () => codes.size > 0)).toEqual([before, removed]);
    expect(await enrolledIs((() => {}) as () => never)).toEqual([before, after, removed]);
  });

  const leaves = (change: string) => [
    `${change} leaves a pending sign-in`,
    `${change} leaves the guesses counted`,
  ];

  it('what sets it resets nothing', async () => {
    const enrol: typeof carefully.enrol = async (_context, { sub }, which) => {
      const code = `${which} of ${sub}`;
      codes.set(sub, code);
      return { code };
    };
    expect(await faultsOf({}, { enrol })).toEqual([...leaves('adding it'), ...leaves('replacing it')]);
  });

  it('what sets it for the first time resets nothing', async () => {
    const enrol: typeof carefully.enrol = async (context, user, which) => {
      const isFirst = !codes.has(user.sub);
      const code = `${which} of ${user.sub}`;
      codes.set(user.sub, code);
      if (!isFirst) await reset(context, user);
      return { code };
    };
    expect(await faultsOf({}, { enrol })).toEqual(leaves('adding it'));
  });

  it('what removes it resets nothing', async () => {
    const remove: typeof carefully.remove = async (_context, { sub }) => codes.delete(sub);
    expect(await faultsOf({}, { remove })).toEqual(leaves('removing it'));
  });
});
