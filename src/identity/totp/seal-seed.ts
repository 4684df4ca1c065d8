/** Seeds at rest: the server must read them, so they are sealed by the master key and bound to their user. ASVS V6.5.2 */
import { deriveKey } from '../../lib/derive-key.ts';
import { openSealedText, sealText } from '../../lib/seal-text.ts';
import type { IdentityContext } from '../context.ts';

/** For this user alone: a row that is copied to another user does not open. */
export function sealSeed(
  { settings, random }: Pick<IdentityContext, 'random' | 'settings'>,
  sub: string,
  seed: string,
): string {
  return sealText(sealingKey(settings), sub, seed, random);
}

/** undefined where the master key is another than it was sealed with. */
export function openSeed(
  { settings }: Pick<IdentityContext, 'settings'>,
  { sub, seed_sealed }: { readonly sub: string; readonly seed_sealed: string },
): string | undefined {
  return openSealedText(sealingKey(settings), sub, seed_sealed);
}

function sealingKey({ masterKey }: IdentityContext['settings']): Buffer {
  return deriveKey(masterKey, 'seeds of authenticator apps');
}
