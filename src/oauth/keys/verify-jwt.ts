/** Tokens that we signed, coming back. RFC 7515 §5.2. By node:crypto, as they were signed (sign-jwt.ts). */
import { type KeyObject, verify } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { pssPadding, type SigningAlgorithm } from './signature.ts';

export interface VerificationKey {
  readonly alg: string;
  readonly publicKey: KeyObject;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.(?<signature>[A-Za-z0-9_-]+)$/;

/** The claims, of whatever form we signed for this `typ`, if a key of ours did with its own algorithm; else undefined. */
export async function verifyJwt<Claims extends object>(
  findKey: (kid: string) => Promise<VerificationKey | undefined>,
  token: string,
  typ: string,
): Promise<Claims | undefined> {
  const encoded = COMPACT.exec(token)?.groups?.signature;
  const header = encoded === undefined ? undefined : parseHeader(token);
  if (encoded === undefined || header?.typ !== typ || header.crit !== undefined) return undefined;
  const key = await findKey(header.kid ?? '');
  if (!key || key.alg !== header.alg) return undefined;
  const signature = Buffer.from(encoded, 'base64url');
  // One signature has one spelling.
  if (signature.toString('base64url') !== encoded) return undefined;
  const end = token.length - encoded.length - 1;
  const isOurs = verifiers[key.alg as SigningAlgorithm](
    Buffer.from(token.slice(0, end)),
    key.publicKey,
    signature,
  );
  return isOurs
    ? JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, end), 'base64url').toString())
    : undefined;
}

function parseHeader(token: string) {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

type Verifier = (data: Buffer, key: KeyObject, signature: Buffer) => boolean;

const verifiers: Readonly<Record<SigningAlgorithm, Verifier>> = {
  ES256: (data, key, signature) => verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature),
  EdDSA: (data, key, signature) => verify(null, data, key, signature),
  RS256: (data, key, signature) => verify('sha256', data, key, signature),
  PS256: (data, key, signature) => verify('sha256', data, { key, ...pssPadding }, signature),
};
