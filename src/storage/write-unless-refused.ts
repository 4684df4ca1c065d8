/** A transaction that ends in a refusal and leaves nothing of what it wrote before. */
import { isRefusal } from '../lib/outcome.ts';
import type { Database, Tx } from './database.ts';

class RolledBack extends Error {}

/** As {@link Database.write}, but that a refusal undoes everything. */
export async function writeUnlessRefused<Outcome>(
  db: Database,
  body: (tx: Tx) => Promise<Outcome>,
): Promise<Outcome> {
  let refusal: { readonly outcome: Outcome } | undefined;
  try {
    return await db.write(async (tx) => {
      const outcome = await body(tx);
      if (!isRefusal(outcome)) return outcome;
      refusal = { outcome };
      throw new RolledBack('refused');
    });
  } catch (error) {
    if (error instanceof RolledBack && refusal) return refusal.outcome;
    throw error;
  }
}
