/** A stored signing key as a value; its times are in milliseconds. */
import type { KeyRow } from '../../../src/storage/tables/keys.ts';

export function keyRow(kid: string, more: Partial<KeyRow> = {}): KeyRow {
  return {
    kid,
    alg: 'ES256',
    public_jwk: '{}',
    private_sealed: 'sealed',
    created_at: 0,
    activates_at: 0,
    retires_at: null,
    removed_at: null,
    ...more,
  };
}
