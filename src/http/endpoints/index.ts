import { discoveryEndpoint, jwksEndpoint } from './documents.ts';
import type { Endpoint } from './endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { registerEndpoint, registrationEndpoint } from './register.ts';
import { revokeEndpoint } from './revoke.ts';
import { tokenEndpoint } from './token.ts';
import { userinfoEndpoint } from './userinfo.ts';

/** The endpoints that machines call, below the issuer's path; /authorize is a page's neighbour. */
export const endpoints: readonly Endpoint[] = [
  tokenEndpoint,
  revokeEndpoint,
  introspectEndpoint,
  userinfoEndpoint,
  jwksEndpoint,
  // OpenID Connect Discovery §4: after the issuer's path.
  discoveryEndpoint('/.well-known/openid-configuration'),
  discoveryEndpoint('/.well-known/oauth-authorization-server'),
];

/** RFC 8414 §3: between host and path, for an issuer that has a path. */
export function insertedEndpoints(basePath: string): readonly Endpoint[] {
  if (basePath === '') return [];
  return [
    discoveryEndpoint(`/.well-known/oauth-authorization-server${basePath}`),
    discoveryEndpoint(`/.well-known/openid-configuration${basePath}`),
  ];
}

/** Those that take JSON; there where clients may register themselves. */
export function jsonEndpoints({ registration }: { readonly registration: string }): readonly Endpoint[] {
  return registration === 'off' ? [] : [registerEndpoint, registrationEndpoint];
}
