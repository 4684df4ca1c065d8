/** How often a factor lets be guessed at one user, asked of its sample. ASVS V6.3.1, NIST SP 800-63B-4 §3.2.2 */
import type { FirstFactor, SecondFactor } from '../../../src/identity/factors/factor.ts';
import { proveFirst, proveSecond, targetOfPerson } from '../../../src/identity/factors/prove.ts';
import type { PersonProof, Unproven } from '../../../src/identity/proof-user-was-authenticated.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import type { Tx } from '../../../src/storage/database.ts';
import { type IdentityFixture, sourceAt } from '../identity-only.ts';

export type Provable<Input, Held, Found extends object> =
  | FirstFactor<Input, Held, Found>
  | SecondFactor<Input, Found>;

interface Guessed<Input> {
  enrol(identity: IdentityFixture, user: User, which: 'first' | 'second'): Promise<Input>;
  wrong(right: Input): Input;
}

/** This many wrong values in a row are compared with what one user has, and no more, however long a guesser waits. */
export const MOST_GUESSES = 100;
let users = 0;

/** What is accepted, or compared, although it must not be: each guess is of another address, and waits for the pause. */
export async function guessFaults<Input, Held, Found extends object>(
  identity: IdentityFixture,
  factor: Provable<Input, Held, Found>,
  { enrol, wrong }: Guessed<Input>,
): Promise<string[]> {
  users += 1;
  const user = await identity.user(`guessed${users}`, { password: undefined });
  const right = await enrol(identity, user, 'first');
  let [compared, pauses] = [0, 0];
  // A second pause after the first was waited for is the end.
  for (let tries = 0; compared <= MOST_GUESSES && pauses < 2; tries += 1) {
    const source = sourceAt(`198.51.${Math.floor(tries / 250)}.${tries % 250}`);
    const isPaused = (await reasonOf(identity, factor, wrong(right), { user, source })) === PAUSED;
    pauses = isPaused ? pauses + 1 : 0;
    if (isPaused) identity.advance(factor.guesses.longestPauseMs);
    else compared += 1;
  }
  const late = await reasonOf(identity, factor, right, { user, source: sourceAt('192.0.2.77') });
  return [
    ...(compared > MOST_GUESSES ? [`more than ${MOST_GUESSES} wrong values in a row are compared`] : []),
    ...(late === PAUSED ? [] : ['the right value is compared after too many wrong ones']),
  ];
}

const PAUSED = 'account_throttled';

/** Why it was refused; undefined where it was accepted. */
async function reasonOf<Input, Held, Found extends object>(
  identity: IdentityFixture,
  factor: Provable<Input, Held, Found>,
  input: Input,
  { user, source }: { readonly user: User; readonly source: ReturnType<typeof sourceAt> },
): Promise<string | undefined> {
  const begin = (confirm: (tx: Tx) => Promise<PersonProof | Unproven>) => identity.db.write(confirm);
  const outcome =
    factor.comes === 'second'
      ? await proveSecond(
          identity,
          factor,
          { input, target: targetOfPerson(factor, user.sub), source },
          begin,
        )
      : await proveFirst(
          identity,
          factor,
          { input, target: await factor.find(identity, input, undefined), source },
          begin,
        );
  return isRefusal(outcome) ? outcome.reason : undefined;
}
