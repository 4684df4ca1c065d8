/** What every factor must refuse, asked of a sample: each factor of the table has one in samples/. */
import type { Factor, Target } from '../../../src/identity/factors/factor.ts';
import { targetOfPerson } from '../../../src/identity/factors/prove.ts';
import { isPersonProof, isUnproven, unproven } from '../../../src/identity/proof-user-was-authenticated.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { PASSED } from '../../../src/lib/outcome.ts';
import type { IdentityFixture } from '../identity-only.ts';
import { type CredentialChanges, credentialChangeFaults } from './credential-change-faults.ts';
import { guessFaults, type Provable } from './guess-faults.ts';
import { type StoredSecret, storedSecretFaults } from './stored-secret-faults.ts';

export interface SampleValues<Input> extends CredentialChanges<Input>, StoredSecret<Input> {
  /** Of the right input, one that is wrong, and one in which nothing was typed. */
  wrong(right: Input): Input;
  empty(right: Input): Input;
  /** The right input, in which what was typed is lengthened by `longer`. */
  oversized(right: Input, longer: (typed: string) => string): Input;
  /** Whether an input that was accepted is refused after that. */
  readonly isOneTime: boolean;
}

export interface FactorSample {
  readonly factor: Factor;
  enrol(identity: IdentityFixture, user: User): Promise<unknown>;
  /** What the factor accepts although it must refuse it; empty where there is nothing. */
  faults(identity: IdentityFixture): Promise<string[]>;
  /** The same of many guesses, for which the clock is moved. */
  guessFaults(identity: IdentityFixture): Promise<string[]>;
}

/** One thing that is done to the user between enrolment and the end of the proof, and the fault where it is proven all the same. */
interface Trial<Input> {
  readonly fault: string;
  readonly typed?: (right: Input) => Input;
  readonly beforeLook?: (identity: IdentityFixture, user: User) => Promise<unknown>;
  readonly beforeConfirm?: (identity: IdentityFixture, user: User) => Promise<unknown>;
  readonly isForAnother?: boolean;
  readonly isSecondUse?: boolean;
}

/** The sample of a factor. */
export function defineSample<Input, Held, Found extends object>(
  factor: Provable<Input, Held, Found>,
  values: SampleValues<Input>,
): FactorSample {
  return {
    factor,
    enrol: (identity, user) => values.enrol(identity, user, 'first'),
    async faults(identity) {
      const faults: string[] = [];
      if (!(await isProven(identity, factor, values, { fault: '' })))
        faults.push('the right value is refused, or proves another user or method');
      for (const trial of trialsOf(values))
        if (await isProven(identity, factor, values, trial)) faults.push(trial.fault);
      return [
        ...faults,
        ...(await credentialChangeFaults(identity, factor, values)),
        ...(await storedSecretFaults(identity, values)),
      ];
    },
    guessFaults: (identity) => guessFaults(identity, factor, values),
  };
}

function trialsOf<Input>(values: SampleValues<Input>): Trial<Input>[] {
  const { enrol, remove, wrong, empty, oversized, isOneTime } = values;
  const replace = (identity: IdentityFixture, user: User) => enrol(identity, user, 'second');
  const oneTime = { fault: 'a value that is valid once is accepted twice', isSecondUse: true };
  return [
    { fault: 'a wrong value is accepted', typed: wrong },
    { fault: 'an empty value is accepted', typed: empty },
    { fault: 'an oversized value is accepted', typed: (right) => oversized(right, lengthen) },
    { fault: 'a user without the credential is accepted', beforeLook: remove },
    { fault: 'a credential that was replaced before `look` is accepted', beforeLook: replace },
    {
      fault: 'a credential that was replaced between `look` and `confirm` is accepted',
      beforeConfirm: replace,
    },
    {
      fault: 'a credential that was removed between `look` and `confirm` is accepted',
      beforeConfirm: remove,
    },
    { fault: 'the value of another user is accepted', isForAnother: true },
    ...(isOneTime ? [oneTime] : []),
  ];
}

/** Accepted by what cuts, or trims, or compares only the beginning. */
function lengthen(typed: string): string {
  return typed.padEnd(10_000);
}

let users = 0;

/** Enrols two new users, and proves the factor for the first, or by the input of the first for the second. */
async function isProven<Input, Held, Found extends object>(
  identity: IdentityFixture,
  factor: Provable<Input, Held, Found>,
  { enrol }: SampleValues<Input>,
  trial: Trial<Input>,
): Promise<boolean> {
  users += 1;
  const user = await identity.user(`user${users}`);
  const other = await identity.user(`other${users}`);
  const right = await enrol(identity, user, 'first');
  await enrol(identity, other, 'second');
  const input = trial.typed?.(right) ?? right;
  await trial.beforeLook?.(identity, user);
  // A second factor is told who it is; a first one finds the user by the input.
  const found = await look(identity, factor, input, trial.isForAnother ? other : user);
  if (isUnproven(found)) return false;
  await trial.beforeConfirm?.(identity, user);
  const { sub } = trial.isForAnother ? other : user;
  const confirm = () => identity.db.write((tx) => factor.confirm(identity, tx, sub, found));
  if (trial.isSecondUse) await confirm();
  const proof = await confirm();
  return (
    isPersonProof(proof) && proof.sub === sub && proof.amr.every((method) => factor.amr.includes(method))
  );
}

async function look<Input, Held, Found extends object>(
  identity: IdentityFixture,
  factor: Provable<Input, Held, Found>,
  input: Input,
  { sub }: User,
) {
  if (factor.comes === 'second') return factor.look(identity, input, targetOfPerson(factor, sub), 0);
  if (factor.check(input) !== PASSED) return unproven('oversized_credentials');
  const target: Target<Held> = await factor.find(identity, input, undefined);
  return factor.look(identity, input, target, 0);
}
