import type { Client } from '../../clients/client.ts';
import { isSelfRegistered } from '../../clients/is-self-registered.ts';
import { openScopes } from '../../clients/scopes-open-to-self-registration.ts';
import { narrowScope, parseScope } from '../../parse-and-narrow-scope.ts';
import { refuseScope } from '../../refused-scope.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import { type AddressedRequest, type Found, foundAsked } from './rule.ts';

/** RFC 6749 §3.3: what is asked, or else the client's default. Z23 (Core §11): consent is asked for offline_access too. */
export function checkScope({ context, client, parameters }: AddressedRequest): Found | AuthorizationRefusal {
  const sent = parameters.get('scope');
  const allowed = parseScope(client.metadata.scope) ?? [];
  const scope =
    sent === undefined
      ? defaultScope(client, allowed, openScopes(context.settings.scopes))
      : narrowScope(client.profile, sent, allowed);
  return scope ? foundAsked({ access: { scope } }) : refuseScope(client, sent ?? '', allowed);
}

/** By default a self-registered client gets openid and the open scopes alone, not all that is known of a user. */
function defaultScope(
  client: Client,
  allowed: readonly string[],
  open: readonly string[],
): readonly string[] {
  if (!isSelfRegistered(client)) return allowed;
  return allowed.filter((scope) => scope === 'openid' || open.includes(scope));
}
