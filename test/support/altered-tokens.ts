/** Tokens that look like a good one and are not. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';

/** The same claims under our kid, by a key that is not ours. */
export function forged(token: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { alg = '', typ = '', kid = '' } = decodeProtectedHeader(token);
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, typ, kid }).sign(privateKey);
}

/** Signed by nobody. */
export function unsigned(token: string): string {
  const header = { ...decodeProtectedHeader(token), alg: 'none' };
  return `${encoded(header)}.${token.split('.')[1]}.`;
}

/** For another person, under the signature of before. */
export function tampered(token: string): string {
  const [header, , signature] = token.split('.');
  const sub = createHash('sha256').update(token).digest('base64url');
  return `${header}.${encoded({ ...decodeJwt(token), sub })}.${signature}`;
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
