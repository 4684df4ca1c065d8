import { createHmac, hash } from 'node:crypto';

/** SHA-256 of a text, base64url without padding (43 characters). */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** HMAC-SHA-256 over the parts, each length-prefixed so that no two lists collide; base64url. */
export function hmacSha256(key: Buffer, ...parts: readonly string[]): string {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
  return mac.digest('base64url');
}
