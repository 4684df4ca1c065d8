/** The rules for usernames, e-mail addresses and stored claims. */
import { isReservedClaim } from '../../config/reserved-claims.ts';
import { nearestWord } from '../../lib/nearest-word.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import { faultWords } from '../../lib/zod-messages.ts';
import type { UserRow } from '../../storage/tables/users.ts';
import { attributeSchema, type Claims, claimsSchema } from '../claims/schema.ts';
import type { IdentityContext } from '../context.ts';
import { loginKey, visibleName } from '../login-name.ts';

export type UserRefusal = Refusal<'invalid' | 'conflict' | 'not_found'>;

const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._+'-]{0,127}$/u;

export type Names = Pick<UserRow, 'username' | 'username_key' | 'email' | 'email_key'>;

/** Checks the names, and gives them as they are stored and compared. */
export function checkNames(username: string, email: string | undefined): Names | UserRefusal {
  const name = username.normalize('NFKC').trim();
  // A username with @ must be the user's e-mail address.
  if (visibleName(name) !== name || (!name.includes('@') && !USERNAME.test(name))) {
    return refuse(
      'invalid',
      'malformed_username',
      `"${username}" is no username: 1 to 128 letters, digits or . _ + - ', or the e-mail address`,
    );
  }
  const address = email?.normalize('NFKC').trim();
  if (address !== undefined && !claimsSchema.shape.email.safeParse(address).success) {
    return refuse('invalid', 'malformed_email', `"${email}" is not an e-mail address`);
  }
  if (name.includes('@') && loginKey(name) !== loginKey(address ?? '')) {
    return refuse(
      'invalid',
      'foreign_email_as_username',
      'a username with @ must be the same as the e-mail address',
    );
  }
  return {
    username: name,
    username_key: loginKey(name),
    email: address ?? null,
    email_key: address === undefined ? null : loginKey(address),
  };
}

/**
 * One address for signing in and for relying parties: the claim `email` becomes the user's own, and two that differ are
 * refused.
 */
export function settleEmail(
  claims: Claims,
  email: string | undefined,
): { email: string | undefined; claims: Claims } | UserRefusal {
  const { email: claimed, ...others } = claims;
  if (claimed !== undefined && email !== undefined && loginKey(claimed) !== loginKey(email)) {
    return refuse(
      'invalid',
      'conflicting_email',
      `the claim email is ${claimed}, and the e-mail address ${email}`,
    );
  }
  return { email: email ?? claimed, claims: others };
}

/** Checks the names and types of standard claims and the operator's attributes; the refusal of an unknown one names the nearest. */
export function checkClaims(
  { claimCatalogue: { attributes } }: Pick<IdentityContext, 'claimCatalogue'>,
  input: unknown,
): Claims | UserRefusal {
  const schema = claimsSchema.extend(
    Object.fromEntries(attributes.map((name) => [name, attributeSchema.optional()])),
  );
  const outcome = schema.safeParse(ownMembers(input), { error: faultWords(input) });
  if (outcome.success) return outcome.data as Claims;
  const [issue] = outcome.error.issues;
  if (issue?.code !== 'unrecognized_keys' || issue.path.length > 0) {
    return refuse('invalid', 'malformed_claim', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const [unknown = ''] = issue.keys;
  if (isReservedClaim(unknown)) {
    return refuse(
      'invalid',
      'reserved_claim',
      `${unknown} is the protocol's own and cannot be stored of a person`,
    );
  }
  const nearest = nearestWord(unknown, Object.keys(schema.shape));
  const advice = nearest === undefined ? '.' : `; did you mean ${nearest}?`;
  return refuse(
    'invalid',
    'unknown_claim',
    `${unknown} is not a claim that can be stored${advice} An attribute of your own is defined in the setting "claims"`,
  );
}

/** A claim may be called "constructor": only members of the input count, not those of Object.prototype. */
function ownMembers(input: unknown): unknown {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? Object.assign(Object.create(null), input) : input;
}
