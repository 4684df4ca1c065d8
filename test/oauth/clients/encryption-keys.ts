/** Public keys as clients register them, good and bad ones to encrypt with. */
import { generateKeyPairSync } from 'node:crypto';

export type Members = Record<string, unknown>;

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const rsaJwk: Members = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'enc' };

export const rsaOf = (more: Members): Members => ({ ...rsaJwk, kid: 'mine', ...more });

export const ecJwk = (namedCurve: string, more: Members): Members => ({
  ...generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }),
  kid: 'mine',
  ...more,
});
