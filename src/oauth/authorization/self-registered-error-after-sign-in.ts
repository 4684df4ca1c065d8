/** Errors for a client that the operator did not register. RFC 9700 §4.11.2 */
import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/is-self-registered.ts';
import type { Parameters } from '../parameters.ts';
import {
  type AuthorizationRefusal,
  type AuthorizationRequest,
  NOTHING_ASKED,
} from './authorization-request-types.ts';
import type { ResponseTarget } from './respond.ts';

/**
 * Z31: a faulty link to this server must not lead to a page that a self-registered client chose, so the user signs in
 * first. prompt=none is the exception that the section makes.
 */
export function isToldAfterSignIn(client: Client, parameters: Parameters): boolean {
  const isSilent = parameters.all('prompt').some((value) => value.split(' ').includes('none'));
  return isSelfRegistered(client) && !isSilent;
}

/** A request that only has the user sign in, and then reports the fault. */
export function refusedRequest(
  { client_id }: Client,
  target: ResponseTarget,
  refusal: AuthorizationRefusal,
): AuthorizationRequest {
  return {
    client_id,
    asked: NOTHING_ASKED,
    target,
    code: { redirect_uri_sent: true },
    refusal,
  };
}
