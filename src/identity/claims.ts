/** Standard claims, their JSON types, and the scopes that ask for them. OpenID Connect Core §5.1, §5.4 */
import { z } from 'zod';

const text = z.string().min(1).max(512);
/** Relying parties make links of these: no javascript: or data:. */
const url = z.url({ protocol: /^https?$/ }).max(2048);

/** What an operator may store of a person. Reserved claims (sub, iss, …) are not among them. */
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
    .regex(/^(\d{4}(-\d{2}-\d{2})?|0000-\d{2}-\d{2})$/)
    .optional(),
  zoneinfo: text.optional(),
  locale: text.optional(),
  updated_at: z.number().int().optional(),
  email: z.email().max(320).optional(),
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

export type Claims = z.output<typeof claimsSchema>;

export const scopeClaims: Readonly<Record<string, readonly (keyof Claims)[]>> = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** What claims are made of. */
export interface ClaimsSource {
  readonly username: string;
  readonly email: string | undefined;
  readonly claims: Claims;
  readonly updatedAtMs: number;
}

/** The claims that the scopes allow, without sub. */
export function claimsOfScopes(user: ClaimsSource, scopes: readonly string[]): Record<string, unknown> {
  const all: Claims = {
    preferred_username: user.username,
    updated_at: Math.floor(user.updatedAtMs / 1000),
    ...(user.email !== undefined && { email: user.email, email_verified: false }),
    ...user.claims,
  };
  const names = scopes.flatMap((scope) => scopeClaims[scope] ?? []);
  return Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
}
