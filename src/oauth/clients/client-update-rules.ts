/** What an update may not change, and what makes another client of it. */
import { type Checked, PASSED, refuse } from '../../lib/outcome.ts';
import type { Client } from './client.ts';
import { isSelfRegistered } from './is-self-registered.ts';
import type { ClientMetadata } from './metadata-shape.ts';
import { CONSENTED, CONSENTED_OF_SELF_REGISTERED } from './metadata-that-users-consented-to.ts';
import type { RegistryRefusal } from './registry-result-and-audit.ts';

/** What no change of a client alters: its type (RFC 6749 §2.1), and that it registered itself. */
export function checkSameKind(
  client: Client,
  { token_endpoint_auth_method, insecure_redirect_uris }: ClientMetadata,
): Checked<RegistryRefusal> {
  if ((token_endpoint_auth_method === 'none') === client.confidential) {
    const description = 'a client stays confidential or public; create another';
    return refuse('invalid_client_metadata', 'type_change', description);
  }
  if (!isSelfRegistered(client) || !insecure_redirect_uris) return PASSED;
  const description = 'insecure_redirect_uris is for clients that the operator made; create another';
  return refuse('invalid_client_metadata', 'refused_insecure_redirects', description);
}

/** A076: whether what people allowed was allowed to another client than it is from now on. */
export function isOtherClient(before: Client, after: ClientMetadata): boolean {
  const members = isSelfRegistered(before) ? CONSENTED_OF_SELF_REGISTERED : CONSENTED;
  return members.some((member) => JSON.stringify(before.metadata[member]) !== JSON.stringify(after[member]));
}

/** The client that the registration access token was checked for. */
export function isSameRegistration(current: Client, before: Client): boolean {
  return current.registrationTokenHash === before.registrationTokenHash;
}
