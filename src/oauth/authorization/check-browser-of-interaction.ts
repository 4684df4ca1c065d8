/** An interaction continues only in the browser that it was first shown in: its cookie is compared with the stored hash. */
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import type { Reader } from '../../storage/database.ts';
import { findInteraction, type InteractionRow } from '../../storage/tables/interactions.ts';

/** False also while no browser has claimed it. */
export function isBoundTo(row: InteractionRow, browser: string | undefined): boolean {
  return (
    browser !== undefined &&
    row.browser_hash !== null &&
    equalInConstantTime(sha256(browser), row.browser_hash)
  );
}

/** As {@link isBoundTo}, of the stored interaction; false where there is none. */
export async function isInteractionOf(
  db: Reader,
  interactionId: string,
  browser: string | undefined,
): Promise<boolean> {
  const row = await findInteraction(db, interactionId);
  return row !== undefined && isBoundTo(row, browser);
}
