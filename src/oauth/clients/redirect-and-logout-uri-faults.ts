/** The addresses in client metadata, which are to be the client's own and safe. RFC 7591 §2, RFC 9700 §2.1 */
import { profiles } from '../../config/client-protocol-profiles.ts';
import { type Checked, PASSED, refuse } from '../../lib/outcome.ts';
import type { MetadataRefusal } from './metadata-refusal.ts';
import { invalidMetadata, shownValue } from './metadata-refusal.ts';
import type { ClientMetadata, MetadataRules } from './metadata-shape.ts';
import { checkLogoutUri, checkRedirectUri, type RedirectUriRules } from './redirect-uri-rules.ts';

/** A redirect in clear text shows the code on the network: only the secret and PKCE keep it from being usable. */
export function checkClearText(
  { insecure_redirect_uris, application_type, ...metadata }: ClientMetadata,
  { profile }: MetadataRules,
): Checked<MetadataRefusal> {
  if (!insecure_redirect_uris) return PASSED;
  const refused = (sentence: string) =>
    invalidMetadata('refused_insecure_redirects', `insecure_redirect_uris ${sentence}`);
  if (metadata.token_endpoint_auth_method === 'none') return refused('is for confidential clients alone');
  // RFC 8252 §8.5: a secret in an app on a device is none.
  if (application_type === 'native') return refused('is not for native apps, which have loopback addresses');
  if (metadata.first_party)
    return refused('and first_party exclude each other: people are asked where the code can be read');
  if (metadata.require_pkce === false) return refused('demands PKCE; take require_pkce: false away');
  return profiles[profile].httpRedirects ? PASSED : refused(`is not for profile ${profile}; use https`);
}

/** RFC 7591 §2, §5: each redirect URI is one that may be registered, and who asks for codes has one. */
export function checkRedirects(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  for (const uri of metadata.redirect_uris) {
    const checked = checkRedirectUri(uri, redirectRulesOf(metadata, rules));
    if (checked !== PASSED)
      return refuse(
        'invalid_redirect_uri',
        'refused_redirect_uri',
        `redirect_uri ${shownValue(uri)} ${checked}`,
      );
  }
  if (metadata.grant_types.includes('authorization_code') && metadata.redirect_uris.length === 0) {
    return refuse(
      'invalid_redirect_uri',
      'missing_redirect_uri',
      'authorization_code needs at least one redirect_uri',
    );
  }
  return PASSED;
}

/** Back-Channel Logout §2.2: https but for development; a fragment has no place in any of them. */
export function checkLogout(metadata: ClientMetadata, rules: MetadataRules): Checked<MetadataRefusal> {
  const { development } = rules;
  for (const uri of metadata.post_logout_redirect_uris ?? []) {
    const checked = checkRedirectUri(uri, redirectRulesOf(metadata, rules));
    if (checked !== PASSED)
      return invalidMetadata('refused_logout_uri', `post_logout_redirect_uri ${shownValue(uri)} ${checked}`);
  }
  for (const member of ['backchannel_logout_uri', 'frontchannel_logout_uri'] as const) {
    const uri = metadata[member];
    if (uri === undefined) continue;
    const checked = checkLogoutUri(uri, development);
    if (checked !== PASSED)
      return invalidMetadata('refused_logout_uri', `${member} ${shownValue(uri)} ${checked}`);
  }
  return checkFrame(metadata);
}

function redirectRulesOf(
  { application_type, token_endpoint_auth_method, insecure_redirect_uris }: ClientMetadata,
  { development, selfRegistered, profile }: MetadataRules,
): RedirectUriRules {
  const isConfidential = token_endpoint_auth_method !== 'none';
  const trusted = !selfRegistered && isConfidential && profiles[profile].httpRedirects;
  return {
    native: application_type === 'native',
    development,
    trusted,
    insecure: trusted && insecure_redirect_uris,
  };
}

/** Front-Channel Logout §2: the page that is framed is of an app that people are sent to. */
function checkFrame(metadata: ClientMetadata): Checked<MetadataRefusal> {
  const uri = metadata.frontchannel_logout_uri;
  if (uri === undefined) return PASSED;
  const { origin } = new URL(uri);
  if (metadata.redirect_uris.some((redirect) => new URL(redirect).origin === origin)) return PASSED;
  return invalidMetadata(
    'refused_logout_uri',
    `frontchannel_logout_uri ${shownValue(uri)} must have the scheme, host and port of one of the redirect_uris`,
  );
}
