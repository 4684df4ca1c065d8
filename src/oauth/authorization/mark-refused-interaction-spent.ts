import type { IdentityContext } from '../../identity/context.ts';
import { completeInteraction } from '../../storage/tables/interactions.ts';

/** Spends an interaction that ends in a refusal. */
export async function spendInteraction(
  context: Pick<IdentityContext, 'clock' | 'db'>,
  interactionId: string,
): Promise<void> {
  await context.db.write((tx) => completeInteraction(tx, interactionId, context.clock.nowMs()));
}
