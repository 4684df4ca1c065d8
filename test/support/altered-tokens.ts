/** Invalid tokens that look like valid ones. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';

/** The same claims and kid, signed with another key. */
export function forged(token: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { alg = '', typ = '', kid = '' } = decodeProtectedHeader(token);
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, typ, kid }).sign(privateKey);
}

/** The token with `alg: none` and no signature. */
export function unsigned(token: string): string {
  const header = { ...decodeProtectedHeader(token), alg: 'none' };
  return `${encoded(header)}.${token.split('.')[1]}.`;
}

/** The token with another sub and the old signature. */
export function tampered(token: string): string {
  const [header, , signature] = token.split('.');
  const sub = createHash('sha256').update(token).digest('base64url');
  return `${header}.${encoded({ ...decodeJwt(token), sub })}.${signature}`;
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
