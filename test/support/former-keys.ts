import type { KeyContext } from '../../src/oauth/keys/context.ts';
import { createFormerKeys, turnsToWait } from '../../src/oauth/keys/erase-former-keys.ts';

/** Runs the clean-up of former keys as often as it must before one that is no longer published may be deleted. */
export async function seeFormerKeys(context: KeyContext): Promise<void> {
  const { run } = createFormerKeys(context);
  for (let turn = 0; turn <= turnsToWait(context); turn += 1) await run();
}
