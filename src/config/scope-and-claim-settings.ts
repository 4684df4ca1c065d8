/** The settings `scopes` and `claims`: the scopes and claims that an operator defines. */
import { z } from 'zod';
import { parseJson } from '../lib/parse-untrusted-json.ts';

export const claimPlaces = ['id_token', 'userinfo', 'access_token'] as const;
export type ClaimPlace = (typeof claimPlaces)[number];

export type ClaimSource =
  | { readonly kind: 'groups' | 'roles' }
  /** A standard claim of the user, or an attribute that the operator defined, stored beside those. */
  | { readonly kind: 'attribute'; readonly attribute: string };

const SCOPE_NAME = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const CLAIM_NAME = /^[\x21-\x7E]{1,256}$/;
const FROM = /^(?:(?<kind>groups|roles)|attribute (?<attribute>[\x21-\x7E]{1,256}))$/;

const ownScope = z.preprocess(
  (value) => (typeof value === 'string' ? { sentence: value } : value),
  z.strictObject({
    sentence: z.string().min(1).optional(),
    claims: z.array(z.string()).default([]),
    self_registration: z.boolean().default(false),
  }),
);

const ownClaim = z.preprocess(
  (value) => value ?? {},
  z.strictObject({
    from: z
      .string()
      .regex(FROM, 'write groups, roles, or an attribute of the user, such as "attribute department"')
      .optional(),
    in: z.array(z.enum(claimPlaces)).min(1).optional(),
  }),
);

/** The environment holds JSON, because YAML cannot be written there. */
const fromText = (value: unknown) => (typeof value === 'string' ? readText(value) : value);

export const scopesSetting = z.preprocess(
  fromText,
  z.record(z.string().regex(SCOPE_NAME), ownScope, {
    error: ofName('is no name of a scope: those have neither spaces nor " nor \\ (RFC 6749 §3.3)'),
  }),
);
export const claimsSetting = z.preprocess(
  fromText,
  z.record(z.string().regex(CLAIM_NAME), ownClaim, {
    error: ofName('is no name of a claim here: those are 1 to 256 letters, digits and signs, without spaces'),
  }),
);

function ofName(sentence: string) {
  return ({ code }: z.core.$ZodRawIssue) => (code === 'invalid_key' ? sentence : undefined);
}

export interface ClaimSettings {
  readonly scopes: z.output<typeof scopesSetting>;
  readonly claims: z.output<typeof claimsSetting>;
}

function readText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** The source of a claim. `from` is its setting, or undefined if the operator wrote none. */
export function claimSource(name: string, from: string | undefined): ClaimSource {
  const match = FROM.exec(
    from ?? (name === 'groups' || name === 'roles' ? name : `attribute ${name}`),
  )?.groups;
  if (match?.kind === 'groups' || match?.kind === 'roles') return { kind: match.kind };
  return { kind: 'attribute', attribute: match?.attribute ?? name };
}
