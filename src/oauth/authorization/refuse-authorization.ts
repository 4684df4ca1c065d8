/** An authorization that is refused: recorded, and answered with an error. */
import type { RequestSource } from '../../audit/request-source.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { Client } from '../clients/client.ts';
import { descriptionText } from '../errors.ts';
import type { AuthorizationRefusal } from './authorization-request-types.ts';
import { type ResponseTarget, respond } from './respond.ts';
import type { AuthorizationResponse, ResponseModeContext } from './response-modes/mode.ts';

/** Sends the app the reason why there is no code, and records it in the audit. */
export function refuseAuthorization(
  context: Pick<IdentityContext, 'audit'> & ResponseModeContext,
  refusal: AuthorizationRefusal,
  parts: { readonly target: ResponseTarget; readonly client: Client; readonly source: RequestSource },
): Promise<AuthorizationResponse> {
  const { target, client, source } = parts;
  const { client_id } = client;
  context.audit.refused({ type: 'authorization.refused', reason: refusal.reason, client_id, source });
  return respond({ client, context }, target, [
    ['error', refusal.error],
    ['error_description', descriptionText(refusal.description)],
  ]);
}
