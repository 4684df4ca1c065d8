/** Resource indicators. RFC 8707 §2 */
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import { shownText } from '../lib/shorten-and-escape-text.ts';
import { isSameUri } from '../lib/uri-with-empty-path.ts';
import {
  type AccessTokenForm,
  accessTokenForm,
  type FormMetadata,
} from './access-token-type-and-algorithm.ts';
import type { Parameters } from './parameters.ts';

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
