import type { IdentityContext } from '../../../identity/context.ts';
import type { Revision } from '../../../storage/revision-and-restore-times.ts';
import type { ClientJwtContext, ClientsContext } from '../context.ts';
import type { CountGuess } from './guesses.ts';

/** What proving a client may touch. */
export interface ClientAuthenticationContext
  extends ClientsContext,
    ClientJwtContext,
    Pick<IdentityContext, 'db' | 'settings'> {
  readonly revision: Revision;
  /** Client authentication that failed. */
  readonly countGuess: CountGuess;
}
