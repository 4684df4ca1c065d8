/** What is known when it is decided which step comes next. */
import type { Factor } from '../../identity/factors/factor.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import type { Access } from '../access/members/access-of-all-members.ts';
import type { Client } from '../clients/client.ts';
import type { AskedRequest } from './authorization-request-types.ts';

/** What each step stored in an interaction, by its name; `doneIn` (done-steps.ts) reads it. */
export type Done = Readonly<Record<string, unknown>>;

/** All that a step may read; values, no database. */
export interface Situation<Request extends AskedRequest = AskedRequest> {
  /** undefined where no app asked. */
  readonly client: Client | undefined;
  readonly request: Request;
  readonly session: Session | undefined;
  /** How many people are signed in in this browser beside the active one. */
  readonly otherAccounts: number;
  /** What the session's user allowed this client before; its claims are those of its scopes, and those one by one. */
  readonly consent: Access | undefined;
  /** What the session's user could be asked for to reach the acr that is wanted. */
  readonly factors: readonly Factor[];
  /** Nothing at the first look, when nothing was stored yet. */
  readonly done: Done;
  readonly nowMs: number;
}

/** One in which an app asks for access. */
export interface AccessSituation<Request extends AskedRequest = AskedRequest> extends Situation<Request> {
  readonly client: Client;
}
