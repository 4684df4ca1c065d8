import type { Reader } from '../../storage/database.ts';
import { type Client, isSameClient } from './client.ts';
import { readClient } from './read-clients.ts';

/** The client is not what it was when it was read; `client` is what it is now. Thrown, so that nothing is spent. */
export class ClientChanged extends Error {
  readonly client: Client;
  constructor(client: Client) {
    super(`the client ${client.client_id} was changed meanwhile`);
    this.client = client;
  }
}

/**
 * Its keys may have been fetched since it was read: scope, grant types or a secret may be taken from it. `revision` is
 * what the transaction reads. Throws {@link ClientChanged}; one that is gone is as good as disabled.
 */
export async function refuseChanged(db: Reader, client: Client, revision: number): Promise<void> {
  if (client.asOf === revision) return;
  const current = (await readClient(db, client.client_id)) ?? { ...client, disabled: true };
  if (!isSameClient(current, client)) throw new ClientChanged({ ...current, asOf: revision });
}
