/** Deletes users, and ends everything that they have. */
import type { AuditEvent, RecordedEventType } from '../../audit/events.ts';
import type { Tx } from '../../storage/database.ts';
import { deleteInPieces } from '../../storage/delete-in-pieces.ts';
import { deleteRowsOfUser, tablesOfUsers } from '../../storage/delete-rows-of-user-or-client.ts';
import { deleteMailOf } from '../../storage/tables/outbox.ts';
import { endSessionsOfUser } from '../../storage/tables/sessions.ts';
import {
  deleteLeavingUser,
  findUser as findUserRow,
  listLeavingUsers,
  raiseGrantEpoch,
  startLeaving,
} from '../../storage/tables/users.ts';
import type { IdentityContext, SessionEndContext } from '../context.ts';

/** The number of users that are deleted before the list is read again. */
const BATCH_SIZE = 100;

/**
 * Deletes a user and all rows that reference the user; the audit stays. Sessions and grants end in the first transaction.
 * The rows are deleted in batches after it, by {@link finishRemovals} if this process ends before.
 */
export async function removeUser(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  sub: string,
): Promise<boolean> {
  const isThere = await context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    const row = await findUserRow(tx, sub);
    if (row?.leaving_at === null) {
      await endEverything(context, tx, sub, 'user.deleted');
      await startLeaving(tx, sub, context.clock.nowMs());
    }
    return row !== undefined;
  });
  if (isThere) await finishRemoval(context, sub);
  return isThere;
}

/** Finishes all deletions that were begun, also those of a process that ended. */
export async function finishRemovals(context: Pick<IdentityContext, 'db' | 'onSessionsEnd'>): Promise<void> {
  for (;;) {
    const leaving = await listLeavingUsers(context.db, BATCH_SIZE);
    for (const sub of leaving) await finishRemoval(context, sub);
    if (leaving.length < BATCH_SIZE) return;
  }
}

async function finishRemoval(
  { db, onSessionsEnd }: Pick<IdentityContext, 'db' | 'onSessionsEnd'>,
  sub: string,
): Promise<void> {
  // Before the rows that say which client took part in which session are deleted.
  await onSessionsEnd.rest(sub);
  for (const table of tablesOfUsers)
    await deleteInPieces(db, (tx, limit) => deleteRowsOfUser(tx, sub, table, limit));
  await deleteInPieces(db, (tx, limit) => deleteMailOf(tx, sub, limit));
  await db.write((tx) => deleteLeavingUser(tx, sub));
}

/** Ends every session and grant of the user, in the transaction of the event `type`, which `details` describe. */
export async function endEverything(
  context: SessionEndContext,
  tx: Tx,
  sub: string,
  type: RecordedEventType,
  details: AuditEvent['details'] = {},
): Promise<void> {
  const nowMs = context.clock.nowMs();
  const sessions = await endSessionsOfUser(tx, sub, nowMs);
  await raiseGrantEpoch(tx, sub);
  await context.onSessionsEnd.all(tx, sub);
  context.audit.record(tx, { type, sub, details: { ...details, sessions } });
}
