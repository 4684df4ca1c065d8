/** Keys that are published no more: their private parts are erased, and later they go. */
import type { Tx } from '../../storage/database.ts';
import {
  deleteKey,
  erasePrivatePart,
  findKey,
  type KeyRow,
  listFormerKeys,
} from '../../storage/tables/keys.ts';
import { longestTokenMs } from './add-and-retire.ts';
import type { KeyContext } from './context.ts';
import { isSealed } from './key-state.ts';
import { publishedAheadMs } from './needed-key-change.ts';

/** How long it is from one turn to the next. */
export const KEY_MAINTENANCE_MS = 600_000;

/** A clock that is ahead for hours takes no key that is to sign again when it is set right. */
const ERASED_AFTER_MS = 86_400_000;

export interface FormerKeys {
  /** One turn. */
  run(): Promise<void>;
}

/**
 * A clock may be ahead by any amount, so that a key which another node signs with seems to be removed long ago. So turns are
 * counted: a key is erased only after it was seen as removed for as long as a key with a planned end may sign and be published.
 */
export function createFormerKeys(context: Pick<KeyContext, 'clock' | 'db' | 'settings'>): FormerKeys {
  let seen: ReadonlyMap<string, number> = new Map();
  return {
    async run() {
      const rows = await listFormerKeys(context.db, context.clock.nowMs());
      seen = new Map(rows.map(({ kid }) => [kid, (seen.get(kid) ?? 0) + 1]));
      const gone = rows.filter(({ kid }) => (seen.get(kid) ?? 0) > turnsToWait(context));
      const due = gone.filter((row) => wantsErasing(context, row) || wantsDeleting(context, row));
      if (due.length > 0) await context.db.write((tx) => clear(context, tx, due));
    },
  };
}

/** How many turns a key must have been seen gone; at the next one its private part may be erased or its row deleted. */
export function turnsToWait({ settings }: Pick<KeyContext, 'settings'>): number {
  return Math.ceil((2 * publishedAheadMs({ settings }) + longestTokenMs(settings)) / KEY_MAINTENANCE_MS);
}

async function clear(
  context: Pick<KeyContext, 'clock' | 'settings'>,
  tx: Tx,
  due: readonly KeyRow[],
): Promise<void> {
  for (const { kid } of due) {
    const row = await findKey(tx, kid);
    if (!row) continue;
    if (wantsDeleting(context, row)) await deleteKey(tx, kid);
    else if (wantsErasing(context, row)) await erasePrivatePart(tx, kid);
  }
}

function wantsErasing({ clock }: Pick<KeyContext, 'clock'>, row: KeyRow): boolean {
  return isSealed(row) && isGoneFor(row, ERASED_AFTER_MS, clock.nowMs());
}

/** An ID token that it signed is a hint for as long as a session may live. */
function wantsDeleting({ clock, settings }: Pick<KeyContext, 'clock' | 'settings'>, row: KeyRow): boolean {
  return isGoneFor(row, settings.session_absolute_seconds * 1000, clock.nowMs());
}

function isGoneFor({ removed_at }: KeyRow, milliseconds: number, nowMs: number): boolean {
  return removed_at !== null && removed_at <= nowMs - milliseconds;
}
