import type { Reader } from '../../src/storage/database.ts';
import { listOutbox, type OutboxRow } from '../../src/storage/tables/outbox.ts';

/** The notices to apps that wait or were given up, the newest first, without the mail to people. */
export async function listAppNotices(db: Reader, limit = 1000): Promise<OutboxRow[]> {
  return (await listOutbox(db, { limit })).filter(({ kind }) => kind !== 'mail');
}
