/** Reads the parts of a signed JWT before it is verified: the types of all members are checked before any is used. RFC 7515 §4, §7.1; RFC 7519 §4 */
import { z } from 'zod';
import { boundedText } from './jwt-claim-schemas.ts';
import { parseJsonBytes } from './parse-untrusted-json.ts';

/** RFC 7515 §4.1: unknown members are ignored. Members about keys are not used either, but their types are checked. */
const headerSchema = z.object({
  alg: boundedText(64),
  typ: boundedText(256).optional(),
  cty: boundedText(256).optional(),
  kid: boundedText(512).optional(),
  jku: z.string().optional(),
  jwk: z.record(z.string(), z.unknown()).optional(),
  x5u: z.string().optional(),
  x5c: z.array(z.string()).max(100).optional(),
  x5t: z.string().optional(),
  'x5t#S256': z.string().optional(),
  // §4.1.11: no extension is supported. RFC 7797 §6: a payload that is not base64url is not either.
  crit: z.never().optional(),
  b64: z.literal(true).optional(),
});

export type JoseHeader = z.output<typeof headerSchema>;

/** The types are checked; the signature is not. */
export interface JwtParts<Claims> {
  readonly header: JoseHeader;
  readonly claims: Claims;
  /** The signing input. RFC 7515 §5.1 */
  readonly signed: string;
  readonly signature: Buffer;
}

/** The parts of a compact JWS whose claims match the schema; undefined for anything else, and for a longer text. */
export function readJwt<Claims>(
  text: string,
  longest: number,
  claimsSchema: z.ZodType<Claims>,
): JwtParts<Claims> | undefined {
  if (text.length > longest) return undefined;
  const parts = text.split('.', 4).map(decodePart);
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) return undefined;
  const readHeader = readPart(header, headerSchema);
  const claims = readPart(payload, claimsSchema);
  if (!readHeader || !claims) return undefined;
  return { header: readHeader, claims, signed: text.slice(0, text.lastIndexOf('.')), signature };
}

/** Decodes base64url without padding; undefined for any other spelling of the same bytes (RFC 4648 §3.5). */
function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

function readPart<Part>(bytes: Buffer, schema: z.ZodType<Part>): Part | undefined {
  try {
    return schema.safeParse(parseJsonBytes(bytes)).data;
  } catch {
    return undefined;
  }
}
