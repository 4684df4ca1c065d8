/** Shapes of claims that JWTs have in common. RFC 7519 §4.1 */
import { z } from 'zod';

/** A text for look-ups and comparisons; without NUL, which PostgreSQL cannot store. */
export function boundedText(longest: number) {
  return z
    .string()
    .max(longest)
    .refine((text) => !text.includes('\0'), 'must hold no NUL character');
}

/** RFC 7519 §2 NumericDate: seconds, with or without a fraction. z.number() refuses 1e400, which parses as Infinity. */
export const numericDate = z.number();

/** The registered claims, for schemas of claims. RFC 7519 §4.1 */
export const registeredClaims = {
  iss: boundedText(2048).optional(),
  sub: boundedText(2048).optional(),
  aud: z.union([boundedText(2048), z.array(boundedText(2048)).max(100)]).optional(),
  exp: numericDate.optional(),
  nbf: numericDate.optional(),
  iat: numericDate.optional(),
  jti: boundedText(1024).optional(),
};
