import { createFormerKeys, turnsToWait } from '../../src/oauth/keys/former-keys.ts';
import type { KeyContext } from '../../src/oauth/keys/key-need.ts';

/** So many turns as a key that is published no more waits before it may go. */
export async function seeFormerKeys(context: KeyContext): Promise<void> {
  const { run } = createFormerKeys(context);
  for (let turn = 0; turn <= turnsToWait(context); turn += 1) await run();
}
