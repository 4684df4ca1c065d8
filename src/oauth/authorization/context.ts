/** What an authorization may touch, by concern. */

import type { IdentityContext, SessionReadContext } from '../../identity/context.ts';
import type { ClientsContext } from '../clients/context.ts';
import type { OAuthContext } from '../context.ts';
import type { HintContext } from '../tokens/context.ts';
import type { ResponseModeContext } from './response-modes/mode.ts';

/** To check an authorization request by the rules. */
export type RulesContext = HintContext & Pick<IdentityContext, 'claimCatalogue'>;

/** To read a stored interaction, the client that it is for and who is signed in. */
export type InteractionContext = ClientsContext & SessionReadContext;

/** To store an interaction. */
export type StoreContext = SessionReadContext & Pick<OAuthContext, 'random' | 'storageAllowance'>;

/** To make a grant and its code. */
export type GrantMakingContext = Pick<
  IdentityContext,
  'audit' | 'claimCatalogue' | 'clock' | 'random' | 'settings'
>;

/** What a purpose may touch to end an authorization. */
export type CompletionContext = GrantMakingContext & Pick<IdentityContext, 'db'> & ResponseModeContext;

/** To find the next page of an authorization, or to end it. */
export type LookContext = CompletionContext & StoreContext;
