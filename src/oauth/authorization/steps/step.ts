import type { Session } from '../../../identity/sessions/sessions.ts';
import type { Client } from '../../clients/client.ts';
import type { OAuthErrorCode } from '../../errors.ts';
import type { AuthorizationRequest } from '../request-shape.ts';

/** What is selected where none of the accounts that are signed in will do. */
export const ANOTHER_ACCOUNT = '';

/** All that a step may ask; values, no database. */
export interface Situation {
  readonly client: Client;
  readonly request: AuthorizationRequest;
  readonly session: Session | undefined;
  /** How many people are signed in in this browser beside the active one. */
  readonly otherAccounts: number;
  /** What the session's user allowed this client before. */
  readonly consent:
    | {
        readonly scope: readonly string[];
        readonly resources: readonly string[];
        /** By those scopes and one by one. */
        readonly claims: readonly string[];
      }
    | undefined;
  /** undefined at the first look, when nothing was stored yet. */
  readonly interaction:
    | {
        readonly decision: 'allow' | 'deny' | undefined;
        readonly decidedSub: string | undefined;
        /** The account that was chosen, or {@link ANOTHER_ACCOUNT}. */
        readonly selectedSub: string | undefined;
        /** The session that was begun or proved again in this interaction. */
        readonly signedInSid: string | undefined;
      }
    | undefined;
  readonly nowMs: number;
}

/** The word of a step that there is nothing to do: silence is none. */
export const NOTHING_NEEDED = 'nothing_needed';

/** Why a step is still needed. */
export interface Needed {
  readonly reason: string;
}

/** What a step says. */
export type Need = Needed | typeof NOTHING_NEEDED;

/** Says why it is. */
export function needed(reason: string): Needed {
  return { reason };
}

/** Something that must have happened before the answer; pure. The order is that of the table. */
export interface Step {
  readonly name: string;
  /** The page that makes it happen. */
  readonly page: string;
  /** What prompt=none gets instead of the page. OpenID Connect Core §3.1.2.6 */
  readonly errorWhenSilent: OAuthErrorCode;
  /** All reasons that `needed` gives: of the person and their browser, and no fault of the app. */
  readonly reasons: readonly string[];
  /** Why it is still needed, or that it is not. */
  needed(situation: Situation): Need;
}
