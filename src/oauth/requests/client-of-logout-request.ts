/** Which client asks that a person is signed out. */
import type { Reason } from '../../lib/refusal-reason.ts';
import type { Client } from '../clients/client.ts';
import type { Parameters } from '../parameters.ts';
import type { HintContext } from '../tokens/context.ts';
import {
  type HintClaims,
  type HintedSession,
  hintedSession,
  verifyIdTokenHint,
} from '../tokens/id-token-hint.ts';
import { readCarriedHint } from '../tokens/shortened-id-token-hint.ts';

/** Why the browser is not sent where the app asked for. */
export interface TargetFault {
  readonly reason: Reason;
  /** For the developer of the app. */
  readonly description: string;
}

/** Which app asks, and whether an ID token of ours says so or it only names itself. */
export interface Asker {
  readonly client: Client | undefined;
  readonly hint: HintedSession | undefined;
  readonly fault: TargetFault | undefined;
}

/** §2, §4: an ID token of ours, expired or not, and of the client that client_id names, if it names one. */
export async function findAsker(context: HintContext, parameters: Parameters): Promise<Asker> {
  const named = parameters.get('client_id');
  const claims = await readHint(context, parameters.get('id_token_hint'));
  const hint = claims && (await hintedSession(context, claims));
  if (hint && named !== undefined && named !== hint.client_id) return noAsker(otherClient);
  const client_id = hint?.client_id ?? named;
  const fault = parameters.get('id_token_hint') !== undefined && !hint ? foreignHint : undefined;
  if (client_id === undefined) return noAsker(fault ?? noClient);
  const client = await context.clients.find(client_id);
  if (!client) return noAsker(unknownClient);
  return client.disabled ? noAsker(clientDisabled) : { client, hint, fault };
}

/**
 * Reads an id_token_hint, expired or not, or what our own page carries in its place ({@link readCarriedHint}).
 * undefined where there is none or it is not ours. §2
 */
export async function readHint(
  context: HintContext,
  hint: string | undefined,
): Promise<HintClaims | undefined> {
  if (hint === undefined) return undefined;
  return readCarriedHint(context, hint) ?? (await verifyIdTokenHint(context, hint));
}

function noAsker(fault: TargetFault): Asker {
  return { client: undefined, hint: undefined, fault };
}

const noClient: TargetFault = {
  reason: 'no_client',
  description: 'post_logout_redirect_uri needs an id_token_hint or a client_id, which say whose it is',
};

const foreignHint: TargetFault = {
  reason: 'foreign_id_token_hint',
  description: 'id_token_hint is not an ID token of this issuer',
};

const otherClient: TargetFault = {
  reason: 'hint_of_other_client',
  description: 'id_token_hint is an ID token of another client than client_id names',
};

const unknownClient: TargetFault = {
  reason: 'unknown_client',
  description: 'client_id names no client that is registered here',
};

const clientDisabled: TargetFault = { reason: 'client_disabled', description: 'this client is switched off' };
