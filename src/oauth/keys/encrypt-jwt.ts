/** JWE for a client, by jose. RFC 7516, RFC 7518 §4, §5; nested where a signed text is inside (RFC 7519 §5.2) */
import { CompactEncrypt, type JWK } from 'jose';

export const keyEncryptions = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'] as const;
export type KeyEncryption = (typeof keyEncryptions)[number];

export const contentEncryptions = ['A128CBC-HS256', 'A128GCM', 'A256GCM'] as const;
export type ContentEncryption = (typeof contentEncryptions)[number];

export interface Encryption {
  readonly alg: KeyEncryption;
  readonly enc: ContentEncryption;
}

/** A compact JWE of the text that the key's owner alone reads. `cty` JWT says that a signed one is inside. */
export async function encryptJwt(
  text: string,
  key: JWK,
  { alg, enc }: Encryption,
  cty: 'JWT' | undefined,
): Promise<string> {
  const { kid } = key;
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ alg, enc, ...(kid !== undefined && { kid }), ...(cty && { cty }) })
    .encrypt(key);
}
