/** What a right password proves by the time that counts. */
import type { Tx } from '../../storage/database.ts';
import { findPassword, type PasswordRow } from '../../storage/tables/passwords.ts';
import { findUser } from '../../storage/tables/users.ts';
import { type PersonProof, personProven } from '../person-proof.ts';

const PASSWORD_AMR = ['pwd'];

/** Why a sign-in proves nothing. */
export interface Failed {
  readonly failure: 'unknown_user' | 'wrong_password' | 'user_disabled';
}

export interface PasswordProof {
  readonly proof: PersonProof;
  readonly password: PasswordRow;
}

/** Hashing takes a while: the user may have been disabled, or the password replaced, since it began (A070). */
export async function confirmPassword(tx: Tx, sub: string, hash: string): Promise<PasswordProof | Failed> {
  const user = await findUser(tx, sub);
  if (!user) return { failure: 'unknown_user' };
  if (user.disabled_at !== null) return { failure: 'user_disabled' };
  const password = await findPassword(tx, sub);
  if (password?.hash !== hash) return { failure: 'wrong_password' };
  return { proof: personProven(sub, PASSWORD_AMR), password };
}
