/** What the rules about clients may touch, by concern. */
import type { IdentityContext } from '../../identity/context.ts';
import type { KeyContext } from '../keys/context.ts';
import type { ClientKeys } from './cached-client-jwks.ts';
import type { Clients } from './cached-client-lookups.ts';

/** To find a client as it is now. */
export interface ClientsContext {
  readonly clients: Clients;
}

/** To verify what a client signed. */
export interface ClientJwtContext extends Pick<IdentityContext, 'clock'> {
  readonly clientKeys: ClientKeys;
}

/** To create, change or remove a client, with the keys that sign for it. */
export type RegistryContext = KeyContext;
