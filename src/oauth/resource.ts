/** Resource indicators. RFC 8707 §2 */
import { type Refusal, refuse } from '../lib/outcome.ts';

export interface KnownResources {
  resource(uri: string): Promise<{ client_id: string } | undefined>;
  find(client_id: string): Promise<{ disabled: boolean } | undefined>;
}

/** Checks that each is absolute, has no fragment, and belongs to a resource server that is enabled. */
export async function checkResources(
  known: KnownResources,
  resources: readonly string[],
): Promise<Refusal<'invalid_target'> | undefined> {
  for (const resource of resources) {
    if (!URL.canParse(resource) || resource.includes('#')) {
      return refuse(
        'invalid_target',
        'malformed_resource',
        'resource must be an absolute URI without a fragment',
      );
    }
    const owner = await known.resource(resource);
    const server = owner && (await known.find(owner.client_id));
    if (!server || server.disabled) {
      return refuse(
        'invalid_target',
        'unknown_resource',
        'resource names no resource server that is known here',
      );
    }
  }
  return undefined;
}
