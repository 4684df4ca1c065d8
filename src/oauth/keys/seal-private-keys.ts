/** Private keys at rest: sealed (lib/seal-text.ts) with a key derived from the master key, bound to the kid. */
import { openSealedText } from '../../lib/seal-text.ts';

/** Throws an Error that names the remedy where the master key is another than the one that sealed. */
export function unseal(key: Buffer, kid: string, sealed: string): string {
  const plain = openSealedText(key, kid, sealed);
  if (plain !== undefined) return plain;
  throw new Error(
    `the private key ${kid} does not open with this master key; start with the master key it was sealed with, ` +
      'which another node may have. If that is lost: stop every node, then gatehouse keys rotate --now --master-key-changed',
  );
}
