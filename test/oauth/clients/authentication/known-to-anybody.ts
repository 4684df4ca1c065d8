/** What anybody knows of a client: none of it is its secret, nor the key of a MAC that proves it. RFC 8725 §2.1, §3.5 */
import { createHash, createHmac, createPublicKey } from 'node:crypto';
import type { Client } from '../../../../src/oauth/clients/client.ts';

/** RFC 7518 §3.2 */
const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

export interface Mac {
  readonly alg: keyof typeof DIGESTS;
  readonly key: string;
  signature(text: string): Buffer;
}

/** Each as it is, and hashed as secrets are stored. 'undefined' is what code makes of a secret that is not there. */
export function knownToAnybody({ client_id, metadata }: Client, issuer: string): readonly string[] {
  const [jwk] = metadata.jwks?.keys ?? [];
  if (!jwk) throw new Error('the client has no public key that anybody could know');
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
  const plain = ['', 'none', 'undefined', 'null', client_id, issuer, JSON.stringify(jwk), pem];
  return plain.flatMap((text) => [text, createHash('sha256').update(text).digest('base64url')]);
}

/** By every algorithm with every such key. */
export function macsOfAnybody(client: Client, issuer: string): readonly Mac[] {
  return (Object.keys(DIGESTS) as Mac['alg'][]).flatMap((alg) =>
    knownToAnybody(client, issuer).map((key) => ({
      alg,
      key,
      signature: (text: string) => createHmac(DIGESTS[alg], key).update(text).digest(),
    })),
  );
}
