import type { Settings } from '../../config/settings-schema.ts';
import type { Addressed } from '../../oauth/requests/metadata.ts';
import { pages } from '../pages/index.ts';
import { discoveryEndpoint, jwksEndpoint } from './discovery-and-jwks.ts';
import type { Endpoint } from './endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { registrationEndpoint } from './manage-registration.ts';
import { registerEndpoint } from './register.ts';
import { revokeEndpoint } from './revoke.ts';
import { tokenEndpoint } from './token.ts';
import { userinfoEndpoint } from './userinfo.ts';

/**
 * The endpoints that machines call, below the issuer's path, in the order in which discovery names them; /authorize and
 * /logout are pages.
 */
export const endpoints: readonly Endpoint[] = [
  tokenEndpoint,
  userinfoEndpoint,
  jwksEndpoint,
  revokeEndpoint,
  introspectEndpoint,
  // OpenID Connect Discovery §4: after the issuer's path.
  discoveryEndpoint('/.well-known/openid-configuration', served),
  discoveryEndpoint('/.well-known/oauth-authorization-server', served),
];

/** What apps call or send users to, below the issuer's path. */
export function served(settings: Pick<Settings, 'registration'>): readonly Addressed[] {
  return [
    ...pages.filter(({ metadata }) => metadata !== undefined),
    ...endpoints,
    ...jsonEndpoints(settings),
  ];
}

/** RFC 8414 §3: between host and path, for an issuer that has a path. */
export function insertedEndpoints(basePath: string): readonly Endpoint[] {
  if (basePath === '') return [];
  return [
    discoveryEndpoint(`/.well-known/oauth-authorization-server${basePath}`, served),
    discoveryEndpoint(`/.well-known/openid-configuration${basePath}`, served),
  ];
}

/** The endpoints that accept JSON; none where clients may not register themselves. */
export function jsonEndpoints({ registration }: { readonly registration: string }): readonly Endpoint[] {
  return registration === 'off' ? [] : [registerEndpoint, registrationEndpoint];
}
