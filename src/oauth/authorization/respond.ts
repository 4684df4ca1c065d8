/** The authorization response: code or error, with state and iss. RFC 6749 §4.1.2, RFC 9207 §2 */
import type { Pair } from '../parameters.ts';
import { responseModes } from './response-modes/index.ts';
import type { AuthorizationResponse, Recipient } from './response-modes/mode.ts';

/** Where a response is sent, and the languages of the pages before it; every member was validated. */
export interface ResponseTarget {
  readonly redirect_uri: string;
  readonly response_mode: string;
  readonly state?: string | undefined;
  /** The languages that the person reads, the best first; space-separated. */
  readonly ui_locales?: string | undefined;
}

/**
 * Adds state and iss to `members`, which are the code, or the error and its description. An unknown response mode is
 * answered as the first of the table, query.
 */
export async function respond(
  recipient: Recipient,
  target: ResponseTarget,
  members: readonly Pair[],
): Promise<AuthorizationResponse> {
  const mode = responseModes.find((candidate) => candidate.name === target.response_mode) ?? responseModes[0];
  const state: Pair[] = target.state === undefined ? [] : [['state', target.state]];
  const pairs: Pair[] = [...members, ...state, ['iss', recipient.context.settings.issuer]];
  const response = await mode.respond(target.redirect_uri, pairs, recipient);
  return response.kind === 'form_post' ? { ...response, uiLocales: target.ui_locales } : response;
}
