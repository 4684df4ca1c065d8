/** A transaction that is rolled back if it ends in a refusal. */
import { isRefusal } from '../lib/outcome.ts';
import type { Database, Tx } from './database.ts';

class RolledBack extends Error {}

/** As {@link Database.write}, but a returned refusal rolls everything back. */
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
