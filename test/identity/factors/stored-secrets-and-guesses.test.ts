/** That what a careless factor stores in clear, or lets be guessed, is noticed by every-factor.test.ts. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountPolicy } from '../../../src/identity/attempts/throttle-policies.ts';
import { insertRole } from '../../../src/storage/tables/user-roles.ts';
import { type IdentityFixture, openIdentity } from '../identity-only.ts';
import { storedSecretFaults } from './stored-secret-faults.ts';
import { carefully, digestHasher, sampleWith } from './toy-factor.ts';

let identity: IdentityFixture;
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: digestHasher() });
});
afterAll(() => identity.close());

/** The faults where enrolling stores this besides, in a column of the user. */
const storing = (text: (code: string) => string, values: Partial<typeof carefully> = {}) => {
  const enrol: typeof carefully.enrol = async (context, user, which) => {
    const typed = await carefully.enrol(context, user, which);
    await context.db.write((tx) => insertRole(tx, user.sub, text(typed.code)));
    return typed;
  };
  return storedSecretFaults(identity, { ...carefully, ...values, enrol });
};

describe('a factor that stores', () => {
  const inClear = ['user_roles.role holds the secret in clear'];

  it.each([
    ['as it is typed', (code: string) => code],
    ['among others, in a list', (code: string) => JSON.stringify(['another', code])],
    ['without its hyphens and spaces', (code: string) => code.replace(/[ -]/g, '').toUpperCase()],
    ['in base64', (code: string) => Buffer.from(code).toString('base64')],
    ['in hexadecimal', (code: string) => Buffer.from(code).toString('hex')],
  ])('the secret %s is noticed', async (_how, text) => {
    expect(await storing(text)).toEqual(inClear);
  });

  it('a secret of few digits, or one that its sample does not name, is noticed', async () => {
    const secrets = () => ['482913'];
    expect(await storing(() => '["771204","482913"]', { secrets })).toEqual(inClear);
    expect(await storing((code) => code, { secrets })).toEqual(inClear);
    expect(await storing(() => '9150374', { secrets: () => ['150374'] })).toEqual([]);
  });

  it('a hash is not; a sample that names no secret is', async () => {
    expect(await storing((code) => createHash('sha256').update(code).digest('hex'))).toEqual([]);
    expect(await storing(() => 'toy', { secrets: () => [] })).toEqual(['the sample names no secret']);
  });

  it('it for a user who is being deleted is noticed', async () => {
    const enrol: typeof carefully.enrol = async (context, user, which) => {
      await context.db.write((tx) => insertRole(tx, user.sub, 'toy'));
      return carefully.enrol(context, user, which);
    };
    const faults = await sampleWith({}, { enrol }).faults(identity);
    expect(faults).toEqual(['a user who is being deleted gets a row of user_roles']);
  });
});

describe('guesses at a factor', () => {
  const guessed = (guesses: typeof accountPolicy) => sampleWith({ guesses }).guessFaults(identity);
  const [many, late] = [
    'more than 100 wrong values in a row are compared',
    'the right value is compared after too many wrong ones',
  ];

  it.each([
    ['ends with a hundred, after pauses', accountPolicy, []],
    ['ends with a hundred, without pauses', { ...accountPolicy, free: 1_000_000 }, []],
    ['only pauses', { ...accountPolicy, limit: undefined }, [many]],
    ['counts anew after a time', { ...accountPolicy, windowMs: 60_000 }, [many, late]],
    ['ends late', { ...accountPolicy, limit: 101 }, [many]],
    ['has no end', { ...accountPolicy, free: 1_000_000, limit: undefined }, [many, late]],
  ])('of a policy that %s', async (_what, policy, faults) => {
    expect(await guessed(policy)).toEqual(faults);
  });
});
