/** The public keys of clients, within bounds, as the client that chooses a key chooses the cost of using it. RFC 7517, RFC 7518 §6 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import { boundedText } from '../../lib/jwt-claim-schemas.ts';
import { type Checked, PASSED } from '../../lib/outcome.ts';
import { secretFaultWords } from '../../lib/zod-messages.ts';

export const MOST_KEYS = 20;
const RSA_BITS = { least: 2048, most: 8192 };
const LARGEST_EXPONENT = 2 ** 32 - 1;

/** RFC 7518 §6: what is in private and symmetric keys alone. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** RFC 7518 §6.2.1.2, RFC 8037 §2: the bytes of a coordinate are always as many as these. */
const CURVES: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  [
    'EC',
    new Map([
      ['P-256', 32],
      ['P-384', 48],
      ['P-521', 66],
      ['secp256k1', 32],
    ]),
  ],
  [
    'OKP',
    new Map([
      ['Ed25519', 32],
      ['X25519', 32],
      ['Ed448', 57],
      ['X448', 56],
    ]),
  ],
]);

/** RFC 7517 §4, RFC 7518 §6: members that are not known are let be. */
const jwkSchema = z.looseObject({
  kty: boundedText(16),
  kid: boundedText(512).optional(),
  use: boundedText(64).optional(),
  alg: boundedText(64).optional(),
  key_ops: z.array(boundedText(64)).max(20).optional(),
  crv: boundedText(64).optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
});

/** RFC 7517 §5: the keys of a set whose members have the right types; the others are left out. */
export function readKeys(keys: readonly unknown[]): JWK[] {
  return keys.flatMap((key) => {
    const { data } = jwkSchema.safeParse(key);
    return data ? [data as JWK] : [];
  });
}

/** Whether a client may register this key, or a sentence that says why not. */
export function checkKey(key: JWK): Checked<string> {
  const named = `the key ${JSON.stringify(key.kid ?? key.kty ?? '').slice(0, 120)}`;
  const outcome = openPublicKey(key);
  return typeof outcome === 'string' ? `${named} ${outcome}` : PASSED;
}

const opened = new WeakMap<JWK, KeyObject | string>();

/** The one way to use a key of a client: itself, or what is wrong with it; found out once for each. */
export function openPublicKey(key: JWK): KeyObject | string {
  const known = opened.get(key);
  if (known !== undefined) return known;
  const checked = checkJwk(key);
  const outcome = checked === PASSED ? open(key) : checked;
  opened.set(key, outcome);
  return outcome;
}

/** The bounds come first: opening a long key costs as much as using it. */
function checkJwk(key: JWK): Checked<string> {
  const secret = PRIVATE_MEMBERS.find((member) => Object.hasOwn(key, member));
  if (secret !== undefined) return `has the private member ${secret}; register public keys alone`;
  const [issue] = jwkSchema.safeParse(key, { error: secretFaultWords }).error?.issues ?? [];
  if (issue) return `has a member ${issue.path.join('.')} that ${issue.message}`;
  if (key.kty === 'RSA') return checkRsa(key);
  const curves = CURVES.get(key.kty ?? '');
  return curves ? checkPoint(key, curves) : 'is not a public key of RFC 7517: kty must be RSA, EC or OKP';
}

function checkRsa({ n, e }: JWK): Checked<string> {
  const [modulus, exponent] = [decode(n), decode(e)].map((bytes) => bytes && withoutZeros(bytes));
  if (!modulus || !exponent) return 'is not a public key of RFC 7517: n and e must be base64url texts';
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most)
    return `has ${Math.max(bits, 0)} bits; RSA keys need ${RSA_BITS.least} to ${RSA_BITS.most}`;
  if (exponent.length > 4) return `has a public exponent above ${LARGEST_EXPONENT}; write 65537`;
  // With the exponent 1 nothing would be hidden.
  const value = exponent.reduce((sum, byte) => sum * 256 + byte, 0);
  return value < 3 || value % 2 === 0 ? `has the public exponent ${value}; write 65537` : PASSED;
}

function checkPoint(key: JWK, curves: ReadonlyMap<string, number>): Checked<string> {
  const { kty, crv = '' } = key;
  const length = curves.get(crv);
  if (length === undefined)
    return `is on the curve ${JSON.stringify(crv)}; ${kty} keys are on ${[...curves.keys()].join(', ')}`;
  const coordinates = kty === 'EC' ? (['x', 'y'] as const) : (['x'] as const);
  const wrong = coordinates.find((name) => decode(key[name])?.length !== length);
  if (wrong === undefined) return PASSED;
  return `is not a public key of RFC 7517: ${wrong} must be ${length} bytes in base64url`;
}

/** Node's own decoder skips over what is not base64url. */
function decode(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Base64urlUInt has none (RFC 7518 §2), and signed numbers of other languages one. */
function withoutZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(first < 0 ? bytes.length : first);
}

function open(key: JWK): KeyObject | string {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return 'is not a public key of RFC 7517';
  }
}
