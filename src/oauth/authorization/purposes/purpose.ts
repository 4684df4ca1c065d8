/** What an interaction is for: how it ends, whichever way. The steps before that are the same for all. */
import type { RequestSource } from '../../../audit/request-source.ts';
import type { Client } from '../../clients/client.ts';
import type { AskedRequest } from '../authorization-request-types.ts';
import type { CompletionContext } from '../context.ts';
import type { NextStep } from '../decide-next-step.ts';
import type { AuthorizationResponse } from '../response-modes/mode.ts';
import type { Situation } from '../situation-for-next-step.ts';

/** Where the browser is sent when the interaction ends. */
export type Outcome =
  | AuthorizationResponse
  /** To a page of this server; `path` is below the issuer. `notice`: what that page says, once; it is one of its `notices`. */
  | { readonly kind: 'own_page'; readonly path: string; readonly notice?: string | undefined };

/** An authorization that ends. */
export interface Ending<Request extends AskedRequest> {
  readonly context: CompletionContext;
  readonly situation: Situation<Request>;
  /** undefined where nothing was stored, as nothing had to be asked. */
  readonly interactionId: string | undefined;
  readonly source: RequestSource;
}

/** The request as a stored interaction remembers it. */
export interface StoredBy<Request> {
  readonly request: Request;
  /** The hash of the client's metadata when it was stored; undefined where no app asked. */
  readonly metadata_hash: string | undefined;
}

/** Each way in which an interaction ends has an answer here. Where it is not `complete` it is spent already. */
export interface Purpose<Request extends AskedRequest = AskedRequest> {
  /** As the row of the interaction has it. */
  readonly name: string;
  /** JSON for the row of the interaction, and back. */
  write(request: Request, client: Client | undefined): string;
  read(text: string): StoredBy<Request>;
  /** Nothing is missing. undefined where the situation has changed meanwhile: look again. */
  complete(ending: Ending<Request>): Promise<Outcome | undefined>;
  /** The user refused. */
  denied(ending: Ending<Request>): Outcome | Promise<Outcome>;
  /** The user signed in, and none of their factors reaches the acr that is essential. */
  outOfReach(ending: Ending<Request>): Outcome | Promise<Outcome>;
  /** Another user than the hinted one signed in or was chosen; `next` is what the hinted one would have to do. */
  otherUser(ending: Ending<Request>, next: NextStep): Outcome | Promise<Outcome>;
  /** `next` is what would be needed, and no page may be shown (prompt=none). */
  silent(ending: Ending<Request>, next: NextStep): Outcome | Promise<Outcome>;
}

/** A row of the table, where each knows the request that it wrote itself. */
export function definePurpose<Request extends AskedRequest>(purpose: Purpose<Request>): Purpose {
  return purpose;
}
