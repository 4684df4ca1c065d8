/** Makes and takes away the recovery codes of a user. ASVS V6.4, V6.5 */
import type { RequestSource } from '../../audit/request-source.ts';
import { PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import {
  countUnusedRecoveryCodes,
  deleteRecoveryCodesOf,
  insertRecoveryCode,
} from '../../storage/tables/recovery-codes.ts';
import type { IdentityContext } from '../context.ts';
import { recoveryCode } from '../factors/recovery_code.ts';
import { listLackingFactors } from '../pending-sign-in.ts';
import { hashOfRecoveryCode, newRecoveryCode } from '../recovery-code-text.ts';
import { credentialReplaced, SESSIONS_STAY } from '../reset-after-credential-change.ts';
import type { Session } from '../sessions/session-type.ts';
import { type ChangeRefusal, checkMayChangeSecondFactor } from './may-change-second-factor.ts';

/** How many a user gets at once. */
export const RECOVERY_CODES = 10;

type MakingContext = Pick<IdentityContext, 'audit' | 'clock' | 'random'>;

interface Asked {
  readonly session: Session;
  readonly source: RequestSource;
}

/** How many the user did not use yet. */
export function countRecoveryCodes({ db }: Pick<IdentityContext, 'db'>, sub: string): Promise<number> {
  return countUnusedRecoveryCodes(db, sub);
}

/** Whether the user has a second factor in whose place a recovery code may be used. */
export async function hasFactorToRecover(db: Reader, sub: string): Promise<boolean> {
  return (await listLackingFactors(db, sub)).some(({ name }) => name !== recoveryCode.name);
}

/** New ones in place of all others, whose text nobody can get again. `none`: there is no factor that they stand in for. */
export function renewRecoveryCodes(
  context: MakingContext & Pick<IdentityContext, 'db' | 'notices'>,
  asked: Asked,
): Promise<{ readonly codes: readonly string[] } | ChangeRefusal | Refusal<'none'>> {
  const { session, source } = asked;
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    const allowed = await checkMayChangeSecondFactor(context, tx, session);
    if (allowed !== PASSED) return allowed;
    if (!(await hasFactorToRecover(tx, session.sub)))
      return refuse(
        'none',
        'no_second_factor',
        'there is no second factor that the codes would stand in for',
      );
    const codes = await makeRecoveryCodes(context, tx, asked);
    await context.notices.tell(tx, session.sub, 'recovery_codes_made', { source });
    return { codes };
  });
}

/** In the transaction of the factor that they stand in for; none where the user has unused ones. */
export async function makeFirstRecoveryCodes(
  context: MakingContext,
  tx: Tx,
  asked: Asked,
): Promise<readonly string[]> {
  const isThere = (await countUnusedRecoveryCodes(tx, asked.session.sub)) > 0;
  return isThere ? [] : makeRecoveryCodes(context, tx, asked);
}

/** In the caller's transaction, which records it; false where there were none. */
export async function dropRecoveryCodes(tx: Tx, sub: string): Promise<boolean> {
  if (!(await deleteRecoveryCodesOf(tx, sub))) return false;
  await credentialReplaced(tx, recoveryCode, sub, SESSIONS_STAY);
  return true;
}

async function makeRecoveryCodes(
  context: MakingContext,
  tx: Tx,
  { session: { sub, sid }, source }: Asked,
): Promise<readonly string[]> {
  await deleteRecoveryCodesOf(tx, sub);
  const codes = Array.from({ length: RECOVERY_CODES }, () => newRecoveryCode(context.random));
  for (const code of codes) {
    const row = { sub, code_hash: hashOfRecoveryCode(code) ?? '', made_at: context.clock.nowMs() };
    if (!(await insertRecoveryCode(tx, row))) throw new Error('recovery codes were made for an unknown user');
  }
  await credentialReplaced(tx, recoveryCode, sub, SESSIONS_STAY);
  context.audit.record(tx, {
    type: 'recovery_codes.made',
    sub,
    sid,
    source,
    details: { codes: codes.length },
  });
  return codes;
}
