/** The keys that sign and those that others verify with. RFC 7517, DESIGN §2: next → current → retired → gone. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type JWK, type JWTPayload, SignJWT } from 'jose';
import { deriveKey } from '../../lib/derive-key.ts';
import type { Clock } from '../../lib/runtime.ts';
import type { Database } from '../../storage/database.ts';
import { readRevision } from '../../storage/revision.ts';
import { type KeyRow, listPublishedKeys } from '../../storage/tables/keys.ts';
import { unseal } from './sealing.ts';

export const signingAlgorithms = ['ES256', 'RS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

interface Key {
  readonly row: KeyRow;
  readonly publicJwk: JWK;
  readonly publicKey: KeyObject;
  readonly privateKey: () => KeyObject;
}

export interface KeySet {
  /** A compact JWS by the current key of the algorithm. */
  sign(alg: SigningAlgorithm, typ: string, payload: JWTPayload): Promise<string>;
  /** The public key of a published kid, for tokens that we signed. */
  findVerificationKey(kid: string): Promise<{ alg: string; publicKey: KeyObject } | undefined>;
  /** Public JWKs of next, current and retired keys, and the revision they belong to. */
  published(): Promise<readonly JWK[]>;
}

export function createKeySet(parts: { db: Database; clock: Clock; masterKey: Buffer }): KeySet {
  const sealingKey = deriveKey(parts.masterKey, 'private keys');
  let loaded: { revision: number; keys: readonly Key[] } | undefined;

  async function keys(): Promise<readonly Key[]> {
    const revision = await readRevision(parts.db);
    if (loaded?.revision !== revision) {
      const rows = await listPublishedKeys(parts.db, parts.clock.nowMs());
      loaded = { revision, keys: rows.map((row) => openKey(row, sealingKey)) };
    }
    const nowMs = parts.clock.nowMs();
    return loaded.keys.filter(({ row }) => row.removed_at === null || row.removed_at > nowMs);
  }

  return {
    async sign(alg, typ, payload) {
      const key = currentKey(await keys(), alg, parts.clock.nowMs());
      return new SignJWT(payload).setProtectedHeader({ alg, typ, kid: key.row.kid }).sign(key.privateKey());
    },
    async findVerificationKey(kid) {
      const key = (await keys()).find((candidate) => candidate.row.kid === kid);
      return key && { alg: key.row.alg, publicKey: key.publicKey };
    },
    published: async () => (await keys()).map((key) => key.publicJwk),
  };
}

function openKey(row: KeyRow, sealingKey: Buffer): Key {
  const publicJwk = JSON.parse(row.public_jwk);
  let privateKey: KeyObject | undefined;
  return {
    row,
    publicJwk,
    publicKey: createPublicKey({ key: publicJwk, format: 'jwk' }),
    privateKey() {
      privateKey ??= createPrivateKey({
        key: JSON.parse(unseal(sealingKey, row.kid, row.private_sealed)),
        format: 'jwk',
      });
      return privateKey;
    },
  };
}

/** The newest key that is active; retirement of the one before is a matter of its successor's activation. */
function currentKey(keys: readonly Key[], alg: SigningAlgorithm, nowMs: number): Key {
  const active = keys.filter(
    ({ row }) =>
      row.alg === alg && row.activates_at <= nowMs && (row.retires_at === null || row.retires_at > nowMs),
  );
  const newest = active.at(-1);
  if (!newest) throw new Error(`there is no active ${alg} key; run: gatehouse keys rotate --now`);
  return newest;
}
