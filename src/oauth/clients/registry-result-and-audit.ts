/** What creating and changing a client have in common: what they answer and what they record. */
import type { RecordedEventType } from '../../audit/events.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import type { Client } from './client.ts';
import type { RegistryContext } from './context.ts';
import { readClient } from './read-clients.ts';

export interface Registered {
  readonly client: Client;
  /** Shown once; only its hash is kept. */
  readonly client_secret?: string | undefined;
}

export type RegistryRefusal = Refusal<
  'invalid_redirect_uri' | 'invalid_client_metadata' | 'conflict' | 'not_found'
>;

/** What the caller learns of a client that was created or changed, as the transaction read it. */
export async function registered(
  tx: Tx,
  client_id: string,
  client_secret: string | undefined,
): Promise<Registered> {
  const client = await readClient(tx, client_id);
  if (!client) throw new Error(`the client ${client_id} vanished`);
  return { client, client_secret };
}

/** Records that something was done to the client, without details. */
export function record(
  context: Pick<RegistryContext, 'audit'>,
  tx: Tx,
  type: RecordedEventType,
  client_id: string,
): void {
  context.audit.record(tx, { type, client_id });
}

/** The refusal where there is no such client. */
export function notFound(client_id: string): RegistryRefusal {
  return refuse('not_found', 'unknown_client', `there is no client ${client_id}`);
}
