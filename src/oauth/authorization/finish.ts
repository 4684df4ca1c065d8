import { completeInteraction } from '../../storage/tables/interactions.ts';
import type { OAuthContext } from '../context.ts';

/** Spends an interaction that ends in a refusal. */
export async function finish(context: OAuthContext, interactionId: string): Promise<void> {
  await context.db.write((tx) => completeInteraction(tx, interactionId, context.clock.nowMs()));
}
