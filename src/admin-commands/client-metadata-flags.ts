/** Client metadata on the command line, by flags and by a file. RFC 7591 §2 */

import { z } from 'zod';
import { grants } from '../oauth/grants/index.ts';
import { boundedText } from './bounded-text.ts';
import type { Flag } from './noun-and-verb-types.ts';

export const metadataFlags: readonly Flag<keyof typeof metadataInput>[] = [
  { member: 'client_name', flag: 'name', kind: 'text', sentence: 'what people see' },
  {
    member: 'redirect_uris',
    flag: 'redirect-uri',
    kind: 'list',
    sentence: 'a redirect URI, where answers are sent; may be repeated',
  },
  {
    member: 'grant_types',
    flag: 'grant-type',
    kind: 'list',
    sentence: `one of ${grants.map(({ grantType }) => grantType).join(', ')}; may be repeated`,
  },
  {
    member: 'scope',
    flag: 'scope',
    kind: 'words',
    sentence: 'what the client may ask for, and gets by default; may be repeated',
  },
  {
    member: 'token_endpoint_auth_method',
    flag: 'auth-method',
    kind: 'text',
    sentence: 'how the client authenticates',
  },
  { member: 'profile', flag: 'profile', kind: 'text', sentence: 'oidc (default) or oauth2.1' },
  {
    member: 'require_pkce',
    flag: 'require-pkce',
    kind: 'switch',
    sentence: 'refuse requests without PKCE, whatever the profile says',
  },
  {
    member: 'insecure_redirect_uris',
    flag: 'insecure-redirect-uris',
    kind: 'switch',
    sentence: 'let its redirects be http on private hosts, where anybody on the way can read the code',
  },
  {
    member: 'strict_auth_method',
    flag: 'strict-auth-method',
    kind: 'switch',
    sentence: 'take the secret only in the way that is registered, by Basic or in the body',
  },
  {
    member: 'resources',
    flag: 'resource',
    kind: 'list',
    sentence: 'a resource this client answers for; may be repeated',
  },
  {
    member: 'access_token_type',
    flag: 'access-token-type',
    kind: 'text',
    sentence: 'of the tokens for these resources: at+jwt (default), or JWT for readers that refuse it',
  },
  {
    member: 'access_token_signed_response_alg',
    flag: 'access-token-alg',
    kind: 'text',
    sentence: 'what these tokens are signed with: ES256 (default), or RS256 for readers that take that alone',
  },
  {
    member: 'default_resource',
    flag: 'default-resource',
    kind: 'text',
    sentence: 'the resource of its tokens where a request names none; it must be registered',
  },
  {
    member: 'native',
    flag: 'native',
    kind: 'switch',
    sentence: 'an app on a device (application_type native)',
  },
  {
    member: 'first_party',
    flag: 'first-party',
    kind: 'switch',
    sentence: 'your own app: consent is not asked',
  },
  {
    member: 'response_modes',
    flag: 'response-mode',
    kind: 'list',
    sentence: 'how answers may come back, of all there are by default; may be repeated',
  },
  {
    member: 'metadata',
    flag: 'metadata',
    kind: 'file',
    sentence: 'an RFC 7591 JSON object from a file or -',
  },
];

export const metadataInput = {
  client_name: boundedText.optional(),
  redirect_uris: z.array(boundedText).optional(),
  grant_types: z.array(boundedText).optional(),
  scope: boundedText.optional(),
  token_endpoint_auth_method: boundedText.optional(),
  profile: boundedText.optional(),
  resources: z.array(boundedText).optional(),
  access_token_type: boundedText.optional(),
  access_token_signed_response_alg: boundedText.optional(),
  default_resource: boundedText.optional(),
  native: z.boolean().optional(),
  first_party: z.boolean().optional(),
  require_pkce: z.boolean().optional(),
  insecure_redirect_uris: z.boolean().optional(),
  strict_auth_method: z.boolean().optional(),
  response_modes: z.array(boundedText).optional(),
  metadata: z.record(boundedText, z.unknown()).optional(),
};

export const clientInput = z.object({
  ...metadataInput,
  type: z.enum(['confidential', 'public']).optional(),
});
export type ClientInput = z.output<typeof clientInput>;

/** The flags and the file as one RFC 7591 metadata object; flags override the file. */
export function metadataOf(input: ClientInput): Record<string, unknown> {
  const { type, metadata, native, ...members } = input;
  const named = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  return {
    ...metadata,
    ...named,
    ...(native && { application_type: 'native' }),
    ...(type === 'public' && { token_endpoint_auth_method: 'none' }),
  };
}
