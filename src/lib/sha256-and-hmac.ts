import { createHmac, hash, type KeyObject } from 'node:crypto';

/** SHA-256 of a text, base64url without padding (43 characters). */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** HMAC-SHA-256 over the parts, each length-prefixed so that no two lists collide; base64url. */
export function hmacSha256(key: Buffer | KeyObject, ...parts: readonly string[]): string {
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHmac('sha256', key).update(text).digest('base64url');
}
