/** Standard claims and their JSON types, as an operator may store them. OpenID Connect Core §5.1 */
import { z } from 'zod';

const text = z.string().min(1).max(512);
/** Relying parties make links of these: no javascript: or data:. */
const url = z.url({ protocol: /^https?$/ }).max(2048);

/** Characters that end an address or begin another one in a list (RFC 5322 §3.2.3), and invisible ones. */
const NOT_IN_ADDRESS = /[\p{Cc}\p{Cf}\p{Cs}<>()[\]\\,;:"“”„‟«»]/u;
const LABEL = /^[\p{L}\p{N}\p{M}_-]+$/u;
/** Accepts what mail servers accept: a&b, o'brien, an IDN, a host without a dot. RFC 6531 §3.3 */
const emailAddress = z
  .email({ pattern: z.regexes.unicodeEmail })
  .max(320)
  .refine((text) => !NOT_IN_ADDRESS.test(text) && isHost(text), 'is not an e-mail address');

/** RFC 1123 §2.1, RFC 5891 §4.2.3: letters and digits, and hyphens between them. */
function isHost(address: string): boolean {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.');
  return labels.every((label) => LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-'));
}

/** The claims that an operator may store for a user, without reserved ones (sub, iss, …). */
export const claimsSchema = z.strictObject({
  name: text.optional(),
  given_name: text.optional(),
  family_name: text.optional(),
  middle_name: text.optional(),
  nickname: text.optional(),
  preferred_username: text.optional(),
  profile: url.optional(),
  picture: url.optional(),
  website: url.optional(),
  gender: text.optional(),
  birthdate: z
    .string()
    .regex(
      /^(\d{4}(-\d{2}-\d{2})?|0000-\d{2}-\d{2})$/,
      'must be a date as 2001-02-03, a year as 2001, or a day of no year as 0000-02-03',
    )
    .optional(),
  zoneinfo: text.optional(),
  locale: text.optional(),
  updated_at: z.number().int().optional(),
  email: emailAddress.optional(),
  email_verified: z.boolean().optional(),
  address: z
    .strictObject({
      formatted: text.optional(),
      street_address: text.optional(),
      locality: text.optional(),
      region: text.optional(),
      postal_code: text.optional(),
      country: text.optional(),
    })
    .optional(),
  phone_number: text.optional(),
  phone_number_verified: z.boolean().optional(),
});

const word = z.union([z.string().max(2048), z.number(), z.boolean()]);

/** An attribute of the operator's own: a text, a number, true or false, or a list of them. */
export const attributeSchema = z
  .union([word, z.array(word).max(200)], {
    error: 'must be a text, a number, true, false, or a list of them',
  })
  .refine(
    (value) => [value].flat().every(isExact),
    'is a number of more digits than JSON keeps; write it between quotation marks',
  );

/** RFC 7493 §2.2: above this, two integers may be read as the same number, and two users as the same user. */
function isExact(value: unknown): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** Standard claims beside the operator's own attributes. */
export type Claims = z.output<typeof claimsSchema> & {
  readonly [attribute: string]: unknown;
};
