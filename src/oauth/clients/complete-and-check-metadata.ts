/** Client metadata, completed and held to the rules. RFC 7591 §2, OpenID Connect Dynamic Client Registration §2 */
import { profiles } from '../../config/client-protocol-profiles.ts';
import { isRefusal, PASSED, refuse } from '../../lib/outcome.ts';
import { faultWords } from '../../lib/zod-messages.ts';
import { isForPeople } from './acts-for-people.ts';
import { checkAgreement } from './check-metadata-agreement.ts';
import { checkKeys } from './check-registered-keys.ts';
import type { MetadataRefusal } from './metadata-refusal.ts';
import { type ClientMetadata, type Draft, type MetadataRules, metadataSchema } from './metadata-shape.ts';

const DEFAULT_SCOPE = 'openid profile email offline_access';

/** The metadata with every default in place, or why it is refused. */
export function checkMetadata(input: unknown, rules: MetadataRules): ClientMetadata | MetadataRefusal {
  const outcome = metadataSchema.safeParse(withoutNull(input), { error: faultWords(input) });
  if (!outcome.success) {
    const [issue] = outcome.error.issues;
    const where = issue?.path.join('.') || 'the metadata';
    return refuse('invalid_client_metadata', 'malformed_metadata', `${where}: ${issue?.message}`);
  }
  const metadata = complete(outcome.data, rules);
  const checked = checkAgreement(metadata, rules);
  return checked === PASSED ? metadata : checked;
}

/** The same, once the keys have shown what they are good for: else each token request would find out. */
export async function acceptMetadata(
  input: unknown,
  rules: MetadataRules,
): Promise<ClientMetadata | MetadataRefusal> {
  const metadata = checkMetadata(input, rules);
  if (isRefusal(metadata)) return metadata;
  const checked = await checkKeys(metadata);
  return checked === PASSED ? metadata : checked;
}

/** RFC 7592 §2.2: null asks for a member to go, as leaving it out does. */
function withoutNull(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

/** RFC 7591 §2: what is left out. */
function complete(draft: Draft, rules: MetadataRules): ClientMetadata {
  const redirects = draft.redirect_uris.length > 0;
  const grant_types =
    draft.grant_types ?? (redirects ? ['authorization_code', 'refresh_token'] : ['client_credentials']);
  return {
    ...draft,
    grant_types,
    response_types: draft.response_types ?? (grant_types.includes('authorization_code') ? ['code'] : []),
    scope: draft.scope ?? (isForPeople(grant_types, rules) ? DEFAULT_SCOPE : ''),
    token_endpoint_auth_method: draft.token_endpoint_auth_method ?? 'client_secret_basic',
    id_token_signed_response_alg:
      draft.id_token_signed_response_alg ?? profiles[rules.profile].defaultIdTokenAlg,
  };
}
