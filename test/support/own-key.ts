/** The server's own signing key, to sign tokens that the server would not sign. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { deriveKey } from '../../src/lib/derive-key.ts';
import { unseal } from '../../src/oauth/keys/seal-private-keys.ts';
import { listPublishedKeys } from '../../src/storage/tables/keys.ts';
import type { TestServer } from './server.ts';

/** The key that signed the token. */
export async function ownKey({ gatehouse, clock }: TestServer, token: string): Promise<KeyObject> {
  const { db, settings } = gatehouse;
  const rows = await listPublishedKeys(db, clock.nowMs());
  const row = rows.find(({ kid }) => kid === decodeProtectedHeader(token).kid);
  if (!row) throw new Error('the key of the token is not published');
  const jwk = unseal(deriveKey(settings.masterKey, 'private keys'), row.kid, row.private_sealed);
  return createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' });
}
