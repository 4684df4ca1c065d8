/** Signatures of RFC 7518 §3 and RFC 8037 §3.1, by node:crypto. */
import {
  constants,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
  type VerifyKeyObjectInput,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';

export const signingAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const P256_BYTES = 32;
const signInPool = promisify<string | null, Buffer, KeyObject | SignKeyObjectInput, Buffer>(sign);
const verifyInPool = promisify<string | null, Buffer, VerifyKeyObjectInput, Buffer, boolean>(verify);

interface Algorithm {
  readonly digest: string | null;
  /** Short enough to be waited for; RSA takes ten times as long. */
  readonly isQuick: boolean;
  readonly padding?: typeof pssPadding;
}

/** RFC 7518 §3.5: the salt is as long as the hash. */
const pssPadding = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
} as const;

const algorithms: Readonly<Record<SigningAlgorithm, Algorithm>> = {
  ES256: { digest: 'sha256', isQuick: true },
  EdDSA: { digest: null, isQuick: true },
  RS256: { digest: 'sha256', isQuick: false },
  PS256: { digest: 'sha256', isQuick: false, padding: pssPadding },
};

/** True where {@link quickSignature} makes the signature; RSA takes longer and runs on the threads of libuv. */
export function isQuick(alg: SigningAlgorithm): boolean {
  return algorithms[alg].isQuick;
}

/** The encoded signature over a text, of a quick algorithm. */
export function quickSignature(alg: SigningAlgorithm, key: KeyObject, text: string): string {
  const signature = sign(algorithms[alg].digest, Buffer.from(text), key);
  return (alg === 'ES256' ? derToConcatenated(signature) : signature).toString('base64url');
}

/** The same for a slow one, in the pool of threads. */
export async function slowSignature(alg: SigningAlgorithm, key: KeyObject, text: string): Promise<string> {
  const { digest, padding } = algorithms[alg];
  return (await signInPool(digest, Buffer.from(text), { key, ...padding })).toString('base64url');
}

/** Whether the key signed the text. RFC 7515 §5.2 */
export function isSignedBy(alg: SigningAlgorithm, key: KeyObject, text: string, signature: Buffer): boolean {
  if (!isAsLongAsItsModulus(key, signature)) return false;
  return verify(algorithms[alg].digest, Buffer.from(text), verifyInput(alg, key), signature);
}

/** The same for a key that a client chose, which may be slow to verify with. */
export async function isSignedByForeignKey(
  alg: SigningAlgorithm,
  key: KeyObject,
  text: string,
  signature: Buffer,
): Promise<boolean> {
  if (isQuick(alg)) return isSignedBy(alg, key, text, signature);
  if (!isAsLongAsItsModulus(key, signature)) return false;
  return verifyInPool(algorithms[alg].digest, Buffer.from(text), verifyInput(alg, key), signature);
}

/** RFC 8017 §8.1.2: by PSS, OpenSSL takes a signature without its leading zeros as well, so that there would be two. */
function isAsLongAsItsModulus(key: KeyObject, signature: Buffer): boolean {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength;
  return modulusBits === undefined || signature.length === Math.ceil(modulusBits / 8);
}

function verifyInput(alg: SigningAlgorithm, key: KeyObject): VerifyKeyObjectInput {
  return { key, dsaEncoding: 'ieee-p1363', ...algorithms[alg].padding };
}

/**
 * RFC 7518 §3.4: R and S, 32 bytes each, from the DER SEQUENCE of two INTEGERs. Our own conversion, as asking for
 * ieee-p1363 takes twice as long on Node 24.
 */
function derToConcatenated(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * P256_BYTES);
  let offset = 2;
  for (let part = 1; part <= 2; part += 1) {
    const length = der[offset + 1] as number;
    const end = offset + 2 + length;
    // A leading zero keeps an INTEGER positive; one that is short is padded on the left.
    const start = Math.max(offset + 2, end - P256_BYTES);
    der.copy(signature, part * P256_BYTES - (end - start), start, end);
    offset = end;
  }
  return signature;
}
