/** Whom an access token is for: one resource, or this server. RFC 8707 §2.2, RFC 9068 §3, RFC 9700 §2.3 */
import type { IdentityContext } from '../identity/context.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import { isSameUri } from '../lib/uri-with-empty-path.ts';
import type { Reader } from '../storage/database.ts';
import { findClient } from '../storage/tables/clients.ts';
import { findResource as findResourceRow } from '../storage/tables/resources.ts';
import type { Access } from './access/members/access-of-all-members.ts';
import { type AccessTokenForm, accessTokenForm } from './access-token-type-and-algorithm.ts';
import type { Client } from './clients/client.ts';
import {
  type FoundResource,
  findDefaultResource,
  findResource,
  type KnownResources,
  USERINFO,
} from './find-requested-resources.ts';

export interface Audience extends AccessTokenForm {
  /** The one audience of the access token. */
  readonly audience: string;
}

interface Asked {
  readonly client: Client;
  /** undefined where the client acts for itself. */
  readonly granted: Access | undefined;
  /** Those that the token request names. */
  readonly resources: readonly string[];
}

type AudienceRefusal = Refusal<'invalid_target' | 'invalid_grant'>;

/** The one that is named, or the first of the grant, or the client's default; the issuer where there is none. */
export async function findAudience(
  { settings: { issuer } }: Pick<IdentityContext, 'settings'>,
  db: Reader,
  { client, granted, resources }: Asked,
): Promise<Audience | AudienceRefusal> {
  const [named] = resources;
  const found =
    named === undefined
      ? await findUnnamed(knownBy(db), client, granted?.resources)
      : await findNamed(knownBy(db), resources, named, granted?.resources);
  if (found === USERINFO) return { audience: issuer, ...accessTokenForm({}) };
  if (isRefusal(found)) return found;
  const { resource: audience, ...form } = found;
  return { audience, ...form };
}

/** {@link USERINFO} where it is for this server. */
async function findUnnamed(
  known: KnownResources,
  { metadata }: Client,
  granted: readonly string[] | undefined,
): Promise<FoundResource | typeof USERINFO | AudienceRefusal> {
  if (!granted) {
    const { default_resource } = metadata;
    return default_resource === undefined ? USERINFO : findDefaultResource(known, default_resource);
  }
  const [first = USERINFO] = granted;
  if (first === USERINFO) return USERINFO;
  const found = await findResource(known, first);
  if (!isRefusal(found)) return found;
  return refuse('invalid_grant', 'resource_withdrawn', 'the grant is not valid, has expired or was revoked');
}

async function findNamed(
  known: KnownResources,
  resources: readonly string[],
  named: string,
  granted: readonly string[] | undefined,
): Promise<FoundResource | AudienceRefusal> {
  if (resources.length > 1) {
    return refuse(
      'invalid_target',
      'several_resources',
      'an access token is for one resource; ask for one at a time',
    );
  }
  if (!granted || granted.some((one) => isSameUri(one, named))) return findResource(known, named);
  const those = granted.filter((one) => one !== USERINFO).join(' ') || 'none';
  return refuse(
    'invalid_target',
    'resource_not_granted',
    `resource is not among those of the grant (${those}); the authorization request names it too`,
  );
}

/** Through the transaction itself: a body awaits nothing but `tx`. */
function knownBy(db: Reader): KnownResources {
  return {
    resource: (uri) => findResourceRow(db, uri),
    async find(client_id) {
      const row = await findClient(db, client_id);
      return row && { disabled: row.disabled_at !== null, metadata: JSON.parse(row.metadata) };
    },
  };
}
