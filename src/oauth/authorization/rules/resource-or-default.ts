import { isRefusal } from '../../../lib/outcome.ts';
import { findDefaultResource, findResources, namedResources } from '../../find-requested-resources.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import { type AddressedRequest, type Findings, type Found, foundAsked } from './rule.ts';

/**
 * RFC 8707 §2.1: those that are named, or the client's default. With openid an app that names none expects its token to
 * be good at userinfo: the default is then for a token request that names it.
 */
export async function checkResources(
  { context: { clients }, client: { metadata }, parameters }: AddressedRequest,
  { asked: { access } }: Findings,
): Promise<Found | AuthorizationRefusal> {
  const resources = await findResources(clients, namedResources(parameters));
  if (isRefusal(resources)) return resources;
  if (resources.length > 0 || metadata.default_resource === undefined)
    return foundAsked({ access: { resources } });
  const found = await findDefaultResource(clients, metadata.default_resource);
  if (isRefusal(found)) return found;
  const isForUserinfo = access.scope.includes('openid');
  return foundAsked({
    access: { resources: [found.resource] },
    ...(isForUserinfo && { userinfo_first: true }),
  });
}
