/** What a client may be called and claim as its own beside its metadata, and what is taken already. */

import { type ProfileName, profileNames, profiles } from '../../config/client-protocol-profiles.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import { isSameUri, otherSpelling } from '../../lib/uri-with-empty-path.ts';
import type { Tx } from '../../storage/database.ts';
import { findClient } from '../../storage/tables/clients.ts';
import { findResource } from '../../storage/tables/resources.ts';
import { findUser } from '../../storage/tables/users.ts';
import { longestOf } from '../parameters.ts';
import type { Client } from './client.ts';
import type { ClientMetadata } from './metadata-shape.ts';
import type { RegistryRefusal } from './registry-result-and-audit.ts';
import { isSelfRegistered } from './self-registered.ts';

/** RFC 6749 §10.10: 128 random bits are 22 base64url characters. */
const SHORTEST_SECRET = 22;
const CLIENT_ID = /^[A-Za-z0-9._~-]{1,128}$/;

/** What an operator may choose besides the metadata. */
export interface Chosen {
  /** RFC 7592: of a client that registers itself. */
  readonly registrationTokenHash?: string | undefined;
  /** What must succeed in the transaction that makes the client; it says so in a word. */
  readonly provided?: (tx: Tx) => Promise<'provided' | RegistryRefusal>;
  readonly profile?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

/** A profile by its name, for a client that is to have it from now on. */
export function checkProfile(
  name: string,
  { unfinished_profiles }: Pick<Settings, 'unfinished_profiles'>,
): ProfileName | Refusal<'invalid_client_metadata'> {
  const offered = profileNames.filter((candidate) => unfinished_profiles || profiles[candidate].isWhole);
  const known = offered.find((candidate) => candidate === name);
  if (known) return known;
  const words = `write one of ${offered.join(', ')}`;
  const isUnfinished = profileNames.some((candidate) => candidate === name);
  return isUnfinished
    ? refuse('invalid_client_metadata', 'profile_not_whole', `profile ${name} is not whole yet: ${words}`)
    : refuse('invalid_client_metadata', 'unknown_profile', `there is no profile ${name}: ${words}`);
}

/** Whether what must succeed besides did, where there is such. */
export async function checkProvided(tx: Tx, { provided }: Chosen): Promise<Checked<RegistryRefusal>> {
  if (!provided) return PASSED;
  const outcome = await provided(tx);
  return outcome === 'provided' ? PASSED : outcome;
}

/** What is chosen for a new client. */
export function checkChosen(chosen: Chosen): Checked<RegistryRefusal> {
  if (chosen.client_id !== undefined && !CLIENT_ID.test(chosen.client_id)) {
    return refuse(
      'invalid_client_metadata',
      'malformed_client_id',
      'client_id must be 1 to 128 of A-Z a-z 0-9 . _ ~ -',
    );
  }
  return chosen.client_secret === undefined ? PASSED : checkSecret(chosen.client_secret);
}

function checkSecret(secret: string): Checked<RegistryRefusal> {
  const { length } = secret;
  if (/\p{Cc}/u.test(secret)) {
    return refuse(
      'invalid_client_metadata',
      'malformed_client_secret',
      'client_secret has a control character, such as a line break at its end, which no request can carry (RFC 6749 appendix A.2)',
    );
  }
  if (length < SHORTEST_SECRET) {
    return refuse(
      'invalid_client_metadata',
      'short_client_secret',
      `client_secret must have at least ${SHORTEST_SECRET} characters`,
    );
  }
  const longest = longestOf('client_secret');
  if (length <= longest) return PASSED;
  return refuse(
    'invalid_client_metadata',
    'long_client_secret',
    `client_secret must have at most ${longest} characters, since no request may carry a longer one`,
  );
}

/** What no change of a client alters: its type (RFC 6749 §2.1), and that it registered itself. */
export function checkSameKind(
  client: Client,
  { token_endpoint_auth_method, insecure_redirect_uris }: ClientMetadata,
): Checked<RegistryRefusal> {
  if ((token_endpoint_auth_method === 'none') === client.confidential) {
    const description = 'a client stays confidential or public; create another';
    return refuse('invalid_client_metadata', 'type_change', description);
  }
  if (!isSelfRegistered(client) || !insecure_redirect_uris) return PASSED;
  const description = 'insecure_redirect_uris is for clients that the operator made; create another';
  return refuse('invalid_client_metadata', 'refused_insecure_redirects', description);
}

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

/** The members that users consented to. More of them for a client that registered itself, as the operator does not vouch for it. */
const CONSENTED = ['client_name', 'redirect_uris', 'scope'] as const;
const CONSENTED_OF_SELF_REGISTERED = [
  ...CONSENTED,
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'client_uri',
  'frontchannel_logout_uri',
  'backchannel_logout_uri',
  'post_logout_redirect_uris',
  'jwks',
  'jwks_uri',
] as const;

/** A076: whether what people allowed was allowed to another client than it is from now on. */
export function isOtherClient(before: Client, after: ClientMetadata): boolean {
  const members = isSelfRegistered(before) ? CONSENTED_OF_SELF_REGISTERED : CONSENTED;
  return members.some((member) => JSON.stringify(before.metadata[member]) !== JSON.stringify(after[member]));
}

/** The client that the registration access token was checked for. */
export function isSameRegistration(current: Client, before: Client): boolean {
  return current.registrationTokenHash === before.registrationTokenHash;
}
