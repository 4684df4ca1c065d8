/** The secrets of clients: made, stored as hashes, rotated. */
import { refuse } from '../../lib/outcome.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import { newSecretValue } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../../storage/database.ts';
import { expireClientSecrets, insertClientSecret } from '../../storage/tables/client-secrets.ts';
import { authenticationMethods } from './authentication/index.ts';
import type { Chosen } from './chosen-client-id-and-secret.ts';
import type { Client } from './client.ts';
import type { RegistryContext } from './context.ts';
import type { ClientMetadata } from './metadata-shape.ts';
import { readClient } from './read-clients.ts';
import type { RegistryRefusal } from './registry-result-and-audit.ts';
import { notFound, type Registered, record, registered } from './registry-result-and-audit.ts';

/** Adds a secret; the old ones stay valid for `keepOldForSeconds`, so that nothing fails meanwhile. */
export async function rotateClientSecret(
  context: RegistryContext,
  client_id: string,
  options: { keepOldForSeconds: number },
): Promise<Registered | RegistryRefusal> {
  const client_secret = newSecretValue(context.clock, context.random);
  return context.db.write(async (tx) => {
    const client = await readClient(tx, client_id);
    if (!client) return notFound(client_id);
    if (!client.confidential) return refuse('conflict', 'public_client', 'a public client has no secret');
    await expireClientSecrets(tx, client_id, context.clock.nowMs() + options.keepOldForSeconds * 1000);
    await addSecret(context, tx, client_id, client_secret);
    record(context, tx, 'client.secret_rotated', client_id);
    return registered(tx, client_id, client_secret);
  });
}

/** Whether the client proves itself by a secret. */
export function needsSecret({ token_endpoint_auth_method }: ClientMetadata): boolean {
  const method = authenticationMethods.find(({ name }) => name === token_endpoint_auth_method);
  return method?.credential === 'secret';
}

/** The secret of a new client, chosen or made; undefined where its method needs none. */
export function secretFor(
  context: Pick<RegistryContext, 'clock' | 'random'>,
  metadata: ClientMetadata,
  chosen: Chosen,
): string | undefined {
  if (!needsSecret(metadata)) return undefined;
  return chosen.client_secret ?? newSecretValue(context.clock, context.random);
}

/** For a client whose method needs a secret from now on, where none is live. */
export function missingSecret(
  context: Pick<RegistryContext, 'clock' | 'random'>,
  { secrets }: Client,
  metadata: ClientMetadata,
): string | undefined {
  const isLive = secrets.live(context.clock.nowMs()).length > 0;
  return isLive ? undefined : secretFor(context, metadata, {});
}

/** Stores the hash of a secret that is good until it is replaced. */
export async function addSecret(
  context: Pick<RegistryContext, 'clock'>,
  tx: Tx,
  client_id: string,
  secret: string,
): Promise<void> {
  const created_at = context.clock.nowMs();
  await insertClientSecret(tx, { client_id, secret_hash: sha256(secret), created_at, expires_at: null });
}
