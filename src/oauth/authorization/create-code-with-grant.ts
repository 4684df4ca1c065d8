/** An authorization code is made with its grant, and bound to all that was asked. RFC 6749 §4.1.2 */
import { newIdentifier, newSecretValue, storageKey } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../../storage/database.ts';
import { insertOneTime } from '../../storage/tables/one-time.ts';
import type { AuthorizationRequest, CodeTerms } from './authorization-request-types.ts';
import { codeBinding, type Redemption } from './code-binding-and-grant-id.ts';
import type { Confirmed } from './confirm-in-transaction.ts';
import type { GrantMakingContext } from './context.ts';
import { createGrant } from './create-grant.ts';

/** What the code is bound to besides its grant. */
export interface CodePayload extends CodeTerms {
  readonly client_id: string;
  readonly redirect_uri: string;
}

export interface MintedCode {
  readonly code: string;
  readonly grant_id: string;
}

/** Creates a grant for this authorization alone, and the code that redeems it. */
export async function mintCode(
  context: GrantMakingContext,
  tx: Tx,
  confirmed: Confirmed<AuthorizationRequest>,
): Promise<MintedCode> {
  const grant_id = newIdentifier(context.clock, context.random);
  const code = `${grant_id}.${newSecretValue(context.clock, context.random)}`;
  const { request } = confirmed;
  const { client_id } = request;
  const { redirect_uri } = request.target;
  const code_binding = codeBinding(code, redemptionOf(request));
  const expires_at = await createGrant(context, tx, confirmed, { grant_id, code_binding });
  const payload: CodePayload = { client_id, redirect_uri, ...request.code };
  await insertOneTime(tx, {
    kind: 'code',
    value_key: storageKey(code),
    grant_id,
    payload: JSON.stringify(payload),
    expires_at,
  });
  return { code, grant_id };
}

function redemptionOf({ client_id, target, code }: AuthorizationRequest): Redemption {
  const redirect_uri = code.redirect_uri_sent ? target.redirect_uri : undefined;
  return { client_id, redirect_uri, code_challenge: code.code_challenge };
}
