/** The security scheme that says how tokens of this server are obtained, for OpenAPI 3 and AsyncAPI 3 descriptions. */
import { readFileSync } from 'node:fs';
import type { Settings } from '../config/settings-schema.ts';
import { standardScopes } from '../config/standard-scopes-and-claims.ts';
import { grants } from '../oauth/grants/index.ts';
import { describeScope } from '../oauth/operators-description-of-scope.ts';
import { isUserScope } from '../oauth/parse-and-narrow-scope.ts';

const texts = new URL('../../views/locales/en.json', import.meta.url);

/** The name of the member that holds the scopes of a flow: OpenAPI 3.1.1 §4.8.30, AsyncAPI 3.0.0 (OAuth Flow Object). */
const SCOPES_MEMBER = { openapi: 'scopes', asyncapi: 'availableScopes' } as const;

export type DescriptionFormat = keyof typeof SCOPES_MEMBER;

export interface DescribedApi {
  readonly settings: Pick<Settings, 'issuer' | 'scopes'>;
  readonly format: DescriptionFormat;
  /** The registered resource whose API is described; undefined for all tokens of this server. */
  readonly resource?: string | undefined;
}

/** The `components` object with the security scheme, to be merged into the API's description. */
export function describeApi(api: DescribedApi): object {
  const { settings, format, resource } = api;
  const scopes = sentences(settings, resource);
  const scheme = {
    type: 'oauth2',
    description: sentenceFor(settings.issuer, resource),
    flows: Object.fromEntries(flowsOf(api, scopes, SCOPES_MEMBER[format])),
  };
  return { components: { securitySchemes: { gatehouse: scheme } } };
}

/** RFC 8707 §2: the token request names the resource too; in the URL of the token endpoint it would be ignored. */
function sentenceFor(issuer: string, resource: string | undefined): string {
  if (resource === undefined) return `Access tokens of ${issuer}`;
  return `Access tokens of ${issuer} for ${resource}; a token request without a person names it: resource=${resource}`;
}

/** The flows whose grants are enabled. A flow without a user has no scopes about a user (RFC 9068 §5), and no refresh token. */
function flowsOf(
  { settings: { issuer }, resource }: DescribedApi,
  scopes: ReadonlyMap<string, string>,
  member: string,
): [string, object][] {
  const isOn = (grantType: string) => grants.some((grant) => grant.grantType === grantType);
  const tokenUrl = `${issuer}/token`;
  const query = resource === undefined ? '' : `?${new URLSearchParams({ resource })}`;
  const own = new Map([...scopes].filter(([scope]) => !isUserScope(scope)));
  const flows: [grantType: string, name: string, flow: object][] = [
    [
      'authorization_code',
      'authorizationCode',
      {
        authorizationUrl: `${issuer}/authorize${query}`,
        tokenUrl,
        ...(isOn('refresh_token') && { refreshUrl: tokenUrl }),
        [member]: Object.fromEntries(scopes),
      },
    ],
    ['client_credentials', 'clientCredentials', { tokenUrl, [member]: Object.fromEntries(own) }],
  ];
  return flows.filter(([grantType]) => isOn(grantType)).map(([, name, flow]) => [name, flow]);
}

/** The sentence for each scope. Standard scopes are for userinfo, so the description of one API has the operator's own alone. */
function sentences(
  { scopes: ownScopes }: Pick<Settings, 'scopes'>,
  resource: string | undefined,
): ReadonlyMap<string, string> {
  const standard = resource === undefined ? standardScopes : [];
  const known: { scopes: Readonly<Record<string, string>> } = JSON.parse(readFileSync(texts, 'utf8'));
  const names = [...new Set([...standard, ...Object.keys(ownScopes)])];
  return new Map(names.map((name) => [name, describeScope(name, ownScopes) ?? known.scopes[name] ?? name]));
}
