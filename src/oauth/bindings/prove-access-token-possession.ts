/** A request with an access token that is bound to a key must show the key too. RFC 9449 §7, RFC 8705 §3 */
import { type Checked, isRefusal, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import { type Confirmation, isMet } from '../confirmation-claim.ts';
import { OAuthError, type OAuthErrorCode } from '../errors.ts';
import { type Caller, callerProven } from '../proof-caller-was-authenticated.ts';
import { spendEach } from '../spend-jtis.ts';
import { tokenChallenge } from '../token-challenge.ts';
import type { BindingContext, ShownWith } from './binding.ts';
import { proveBindings } from './prove.ts';
import { tokenTypeOf } from './token-types.ts';

/** An access token that was verified, and how it was shown. */
export interface ShownToken extends ShownWith {
  readonly token: string;
  /** In lower case. */
  readonly scheme: string;
  /** Its cnf. */
  readonly confirmation: Confirmation | undefined;
}

/** The caller, whose key was shown where the token names one. Throws OAuthError with its challenge. */
export async function provePossession(context: BindingContext, shown: ShownToken): Promise<Caller> {
  const tokenType = tokenTypeOf(shown.confirmation);
  const checked = shown.scheme === tokenType.toLowerCase() ? await checkKey(context, shown) : wrongType();
  if (checked === PASSED) return callerProven('access token');
  const { error, reason, description } = checked;
  const challenge = tokenChallenge({ error, description }, tokenType);
  throw new OAuthError(error, reason, description, { challenge });
}

async function checkKey(
  context: BindingContext,
  shown: ShownToken,
): Promise<Checked<Refusal<OAuthErrorCode>>> {
  if (shown.confirmation === undefined) return PASSED;
  const proven = await proveBindings(context, shown);
  if (isRefusal(proven)) return proven;
  const { confirmation, toSpend } = proven;
  if (!isMet(shown.confirmation, confirmation)) return notShown();
  return toSpend.length === 0 ? PASSED : context.db.write((tx) => spendEach(tx, toSpend));
}

function wrongType(): Refusal<OAuthErrorCode> {
  const description = 'the access token is of another type than it is shown as';
  return refuse('invalid_token', 'wrong_token_type', description);
}

function notShown(): Refusal<OAuthErrorCode> {
  const description = 'the access token is bound to a key that was not shown';
  return refuse('invalid_token', 'wrong_confirmation', description);
}
