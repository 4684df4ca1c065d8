/** The resources of an authorization request. RFC 8707 §2.1 */
import { isRefusal } from '../../lib/outcome.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import type { Parameters } from '../parameters.ts';
import { findDefaultResource, findResources, namedResources } from '../resource.ts';
import type { Asked, AuthorizationRefusal } from './request-shape.ts';

type RequestedResources = Pick<Asked, 'resources' | 'userinfo_first'>;

/**
 * Those that are named, or the client's default. With openid an app that names none expects its token to be good at
 * userinfo: the default is then for a token request that names it.
 */
export async function checkRequestedResources(
  { clients }: OAuthContext,
  { metadata }: Client,
  scope: string,
  parameters: Parameters,
): Promise<RequestedResources | AuthorizationRefusal> {
  const resources = await findResources(clients, namedResources(parameters));
  if (isRefusal(resources)) return resources;
  if (resources.length > 0 || metadata.default_resource === undefined) return { resources };
  const found = await findDefaultResource(clients, metadata.default_resource);
  if (isRefusal(found)) return found;
  const isForUserinfo = scope.split(' ').includes('openid');
  return { resources: [found.resource], ...(isForUserinfo && { userinfo_first: true }) };
}
