/** Sets up, replaces and removes the authenticator app of a user. RFC 6238, ASVS V6.4, V7.4.3 */
import type { RequestSource } from '../../audit/request-source.ts';
import { MINUTE_MS } from '../../lib/durations.ts';
import { PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { deleteTotp, findTotp, putTotp } from '../../storage/tables/totp.ts';
import {
  findTotpEnrolment,
  forgetTotpEnrolment,
  insertTotpEnrolment,
  spendTotpEnrolment,
  type TotpEnrolmentRow,
} from '../../storage/tables/totp-enrolments.ts';
import type { FactorContext, IdentityContext, SessionEndContext } from '../context.ts';
import { totp } from '../factors/totp.ts';
import { isPersonProof } from '../proof-user-was-authenticated.ts';
import { credentialReplaced, type EndSessions, SESSIONS_STAY } from '../reset-after-credential-change.ts';
import { endSessionsOfUser } from '../sessions/end-sessions.ts';
import type { Session } from '../sessions/session-type.ts';
import { type StartedSession, strengthenSession } from '../sessions/start-or-renew-session.ts';
import { openSeed, sealSeed } from '../totp/seal-seed.ts';
import { newSeed, stepOfCode } from '../totp/totp-codes.ts';
import { dropRecoveryCodes, hasFactorToRecover, makeFirstRecoveryCodes } from './change-recovery-codes.ts';
import { type ChangeRefusal, checkMayChangeSecondFactor } from './may-change-second-factor.ts';

/** How long an app that is being set up waits for its first code. */
export const ENROLMENT_MS = 10 * MINUTE_MS;

type ChangeContext = SessionEndContext & FactorContext & Pick<IdentityContext, 'notices' | 'random'>;

export interface TotpChange {
  readonly session: Session;
  readonly endOtherSessions: boolean;
  readonly source: RequestSource;
}

export interface EnrolledTotp extends StartedSession {
  /** To be shown once; empty where the user has some. */
  readonly recoveryCodes: readonly string[];
}

/** Begins to set up an app in this session; where one is begun already, another tab may show it, and it stays. */
export function beginEnrolment(
  context: ChangeContext,
  session: Session,
): Promise<{ readonly begun: true } | ChangeRefusal> {
  return context.db.write(async (tx) => {
    const allowed = await checkMayChangeSecondFactor(context, tx, session);
    if (allowed !== PASSED) return allowed;
    const nowMs = context.clock.nowMs();
    const seed_sealed = sealSeed(context, session.sub, newSeed(context.random));
    const row = { sid: session.sid, seed_sealed, expires_at: nowMs + ENROLMENT_MS };
    await insertTotpEnrolment(tx, row, nowMs);
    return { begun: true };
  });
}

/** The seed of the app that is being set up in this session; undefined where there is none. */
export async function findEnrolmentSeed(
  context: Pick<IdentityContext, 'clock' | 'db' | 'settings'>,
  { sid, sub }: Session,
): Promise<string | undefined> {
  const row = await findTotpEnrolment(context.db, sid, context.clock.nowMs());
  return row && openSeed(context, { sub, seed_sealed: row.seed_sealed });
}

/** When the user set up the authenticator app, in milliseconds; undefined where there is none. */
export async function findEnrolledAt(
  { db }: Pick<IdentityContext, 'db'>,
  sub: string,
): Promise<number | undefined> {
  return (await findTotp(db, sub))?.enrolled_at;
}

/** Gives up what was begun. */
export function cancelEnrolment({ db }: Pick<IdentityContext, 'db'>, { sid }: Session): Promise<void> {
  return db.write((tx) => forgetTotpEnrolment(tx, sid));
}

/**
 * The app is enrolled by a first right code, in place of a former one, and that code is spent. The session continues under a
 * new id, with the factor, which was just proven. `expired`: nothing was begun, or it was finished already.
 */
export function finishEnrolment(
  context: ChangeContext,
  change: TotpChange & { readonly code: string },
): Promise<EnrolledTotp | ChangeRefusal | Refusal<'expired' | 'wrong'>> {
  const { session } = change;
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    const allowed = await checkMayChangeSecondFactor(context, tx, session);
    if (allowed !== PASSED) return allowed;
    const enrolment = await findTotpEnrolment(tx, session.sid, context.clock.nowMs());
    if (!enrolment) return expired();
    const step = stepOf(context, session, enrolment, change.code);
    if (step === undefined) return refuse('wrong', 'wrong_code', 'the code is not that of this app');
    return (await spendTotpEnrolment(tx, enrolment))
      ? enrol(context, tx, change, enrolment, step)
      : expired();
  });
}

/** Removes the app; false where the user has none. */
export function removeTotp(
  context: ChangeContext,
  change: TotpChange,
): Promise<{ readonly removed: boolean } | ChangeRefusal> {
  const { session, source } = change;
  const { sub, sid } = session;
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    const allowed = await checkMayChangeSecondFactor(context, tx, session);
    if (allowed !== PASSED) return allowed;
    const removed = await dropTotp(tx, sub, endOthers(context, tx, change));
    // They stand in for nothing any more.
    if (!(await hasFactorToRecover(tx, sub))) await dropRecoveryCodes(tx, sub);
    if (removed) {
      context.audit.record(tx, { type: 'totp.removed', sub, sid, source });
      await context.notices.tell(tx, sub, 'totp_removed', { source });
    }
    return { removed };
  });
}

/** In the caller's transaction, which decided it and records it; false where there is none. */
export async function dropTotp(tx: Tx, sub: string, endSessions: EndSessions): Promise<boolean> {
  if (!(await deleteTotp(tx, sub))) return false;
  await credentialReplaced(tx, totp, sub, endSessions);
  return true;
}

async function enrol(
  context: ChangeContext,
  tx: Tx,
  change: TotpChange,
  { seed_sealed }: TotpEnrolmentRow,
  step: number,
): Promise<EnrolledTotp | ChangeRefusal> {
  const { session, source } = change;
  const { sub, sid } = session;
  const isReplaced = (await findTotp(tx, sub)) !== undefined;
  const row = { sub, seed_sealed, last_step: step - 1, enrolled_at: context.clock.nowMs() };
  if (!(await putTotp(tx, row))) return refuse('over', 'unknown_user', 'there is no such user any more');
  await credentialReplaced(tx, totp, sub, endOthers(context, tx, change));
  // The code that enrolled is spent as any other.
  const proof = await totp.confirm(context, tx, sub, { seed_sealed, step });
  const renewed = isPersonProof(proof) && (await strengthenSession(context, tx, session, proof));
  if (!renewed) throw new Error('the code of an app that was just enrolled proves nothing');
  context.audit.record(tx, { type: isReplaced ? 'totp.replaced' : 'totp.enrolled', sub, sid, source });
  await context.notices.tell(tx, sub, isReplaced ? 'totp_replaced' : 'totp_enrolled', { source });
  return { ...renewed, recoveryCodes: await makeFirstRecoveryCodes(context, tx, change) };
}

function stepOf(
  context: ChangeContext,
  { sub }: Session,
  { seed_sealed }: TotpEnrolmentRow,
  code: string,
): number | undefined {
  const seed = openSeed(context, { sub, seed_sealed });
  if (seed === undefined) return undefined;
  return stepOfCode(seed, code, { nowMs: context.clock.nowMs(), lastStep: 0 });
}

function endOthers(context: SessionEndContext, tx: Tx, { session, endOtherSessions, source }: TotpChange) {
  if (!endOtherSessions) return SESSIONS_STAY;
  return () => endSessionsOfUser(context, tx, session.sub, session.sid, source);
}

function expired(): Refusal<'expired'> {
  return refuse('expired', 'enrolment_over', 'the app was not being set up any more; begin again');
}
