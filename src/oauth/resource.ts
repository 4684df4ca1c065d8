/** Resource indicators. RFC 8707 §2 */
import { type StandingAlgorithm, standingAlgorithms } from '../config/signing-algorithms.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import { isSameUri } from '../lib/same-uri.ts';
import { shownText } from '../lib/shown-text.ts';
import type { Parameters } from './parameters.ts';

/** What the header of a resource's tokens says they are: RFC 9068 §2.1, or what readers take that know it not. */
export const accessTokenTypes = ['at+jwt', 'JWT'] as const;
export type AccessTokenType = (typeof accessTokenTypes)[number];

/** What they are signed with: ES256, or RS256 for readers that take what RFC 9068 §2.1 has everybody know, and no more. */
export const accessTokenAlgorithms = standingAlgorithms;
export type AccessTokenAlgorithm = StandingAlgorithm;

/** How the access tokens for one audience are written. */
export interface AccessTokenForm {
  readonly accessTokenType: AccessTokenType;
  readonly accessTokenAlg: AccessTokenAlgorithm;
}

interface FormMetadata {
  readonly access_token_type?: AccessTokenType | undefined;
  readonly access_token_signed_response_alg?: AccessTokenAlgorithm | undefined;
}

/** As a resource server has it, or as it is where nobody said anything. */
export function accessTokenForm({
  access_token_type: accessTokenType = 'at+jwt',
  access_token_signed_response_alg: accessTokenAlg = 'ES256',
}: FormMetadata): AccessTokenForm {
  return { accessTokenType, accessTokenAlg };
}

/** In a grant, this server itself: relative, so that no resource is called so, and whatever the issuer is later. */
export const USERINFO = '/userinfo';

export interface KnownResources {
  resource(uri: string): Promise<{ resource: string; client_id: string } | undefined>;
  find(client_id: string): Promise<ResourceServer | undefined>;
}

interface ResourceServer {
  readonly disabled: boolean;
  readonly metadata: FormMetadata;
}

export interface FoundResource extends AccessTokenForm {
  /** As it is registered, whichever spelling was asked for: its server compares aud with that. */
  readonly resource: string;
}

type Unknown = Refusal<'invalid_target'>;

/** What a request names, by either name: what both say is one. */
export function namedResources(parameters: Parameters): readonly string[] {
  const resources = parameters.all('resource');
  const others = parameters
    .all('audience')
    .filter((audience) => !resources.some((resource) => isSameUri(resource, audience)));
  return [...resources, ...others];
}

/** A resource is absolute, has no fragment, and belongs to a resource server that is enabled. */
export async function findResource(known: KnownResources, uri: string): Promise<FoundResource | Unknown> {
  if (!URL.canParse(uri) || uri.includes('#')) {
    return refuse(
      'invalid_target',
      'malformed_resource',
      `${shownText(uri)} is no resource: resource (or audience) must be an absolute URI without a fragment`,
    );
  }
  const registered = await known.resource(uri);
  const server = registered && (await known.find(registered.client_id));
  if (registered && server && !server.disabled)
    return { resource: registered.resource, ...accessTokenForm(server.metadata) };
  return refuse(
    'invalid_target',
    'unknown_resource',
    `no client that is enabled is registered for the resource ${shownText(uri)}; ` +
      'the operator adds it to those of the API: client update CLIENT_ID --resource URI; ' +
      'a token for userinfo is asked for without resource and audience',
  );
}

/** All of them as they are registered, each once. */
export async function findResources(
  known: KnownResources,
  uris: readonly string[],
): Promise<readonly string[] | Unknown> {
  const found: string[] = [];
  for (const uri of uris) {
    const resource = await findResource(known, uri);
    if (isRefusal(resource)) return resource;
    found.push(resource.resource);
  }
  return [...new Set(found)];
}

/** The default_resource of the client that asks: no request named it, so only the operator can correct it. */
export async function findDefaultResource(
  known: KnownResources,
  uri: string,
): Promise<FoundResource | Unknown> {
  const found = await findResource(known, uri);
  if (!isRefusal(found)) return found;
  return refuse(
    'invalid_target',
    'unknown_default_resource',
    `no client that is enabled is registered for ${shownText(uri)}, the default_resource of this client; ` +
      'the operator mends that, or the request names another resource',
  );
}
