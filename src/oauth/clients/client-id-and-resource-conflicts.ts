/** Whether a client_id or a resource is taken already, by whom, and which may be named. */
import { type Checked, PASSED, refuse } from '../../lib/outcome.ts';
import { isSameUri, otherSpelling } from '../../lib/uri-with-empty-path.ts';
import type { Tx } from '../../storage/database.ts';
import { findClient } from '../../storage/tables/clients.ts';
import { findResource } from '../../storage/tables/resources.ts';
import { findUser } from '../../storage/tables/users.ts';
import type { ClientMetadata } from './metadata-shape.ts';
import type { RegistryRefusal } from './registry-result-and-audit.ts';

/** Q12 (RFC 9700 §4.15): a client_id must never be taken for a user's sub, nor for a resource. */
export async function checkIdIsFree(tx: Tx, client_id: string): Promise<Checked<RegistryRefusal>> {
  if ((await findClient(tx, client_id)) || (await findUser(tx, client_id))) {
    return refuse('conflict', 'client_id_taken', `the client_id ${client_id} is taken`);
  }
  const known = await findResource(tx, client_id);
  return known ? asClientId(client_id, known.client_id) : PASSED;
}

/** Each resource has one resource server, and is the name of nothing else in `aud`. */
export async function checkResources(
  tx: Tx,
  issuer: string,
  { resources, default_resource }: ClientMetadata,
  owner: string,
): Promise<Checked<RegistryRefusal>> {
  for (const resource of resources) {
    if (isSameUri(resource, issuer)) return asIssuer(resource);
    const known = await findResource(tx, resource);
    if (known && known.client_id !== owner) {
      const taken = `the resource ${known.resource} belongs to the client ${known.client_id}`;
      return refuse('conflict', 'resource_taken', taken);
    }
    // RFC 9068 §5: an ID token of that client would be an access token for this resource.
    const client = (await findClient(tx, resource)) ?? (await findClient(tx, otherSpelling(resource)));
    if (client) return asClientId(client.client_id, owner);
  }
  const isKnown =
    default_resource === undefined ||
    resources.some((resource) => isSameUri(resource, default_resource)) ||
    (await findResource(tx, default_resource)) !== undefined;
  return isKnown ? PASSED : unknownDefault(default_resource);
}

function asIssuer(resource: string): RegistryRefusal {
  return refuse(
    'invalid_client_metadata',
    'issuer_as_resource',
    `the resource ${resource} is the issuer, for whom every token is that names no resource; write the URI of the API`,
  );
}

function asClientId(client_id: string, server: string): RegistryRefusal {
  return refuse(
    'conflict',
    'client_id_as_resource',
    `${client_id} cannot be both a client_id and a resource (of the client ${server}): in aud nobody could tell which`,
  );
}

function unknownDefault(resource: string): RegistryRefusal {
  return refuse(
    'invalid_client_metadata',
    'unregistered_default_resource',
    `default_resource ${resource} is registered by no client; add it to the API's own first: client update CLIENT_ID --resource ${resource}`,
  );
}
