/** Disables a client, or enables it again. */
import { refuse } from '../../lib/outcome.ts';
import { setClientDisabled as setDisabled } from '../../storage/tables/clients.ts';
import type { RegistryContext } from './context.ts';
import { type Registered, type RegistryRefusal, record, registered } from './registry-result-and-audit.ts';

/** Disabling ends all grants of the client; enabling brings none back. Refuses with `unknown_client`. */
export async function setClientDisabled(
  context: Pick<RegistryContext, 'audit' | 'clock' | 'db'>,
  client_id: string,
  disabled: boolean,
): Promise<Registered | RegistryRefusal> {
  return context.db.write(async (tx) => {
    const changed = await setDisabled(tx, client_id, disabled ? context.clock.nowMs() : null);
    if (!changed)
      return refuse('not_found', 'unknown_client', `there is no client ${client_id}, or it is being deleted`);
    record(context, tx, disabled ? 'client.disabled' : 'client.enabled', client_id);
    return registered(tx, client_id, undefined);
  });
}
