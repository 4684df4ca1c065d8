/** Errors for a client that the operator did not register. RFC 9700 §4.11.2 */

import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/self-registered.ts';
import type { Parameters } from '../parameters.ts';
import {
  type AuthorizationRefusal,
  type AuthorizationRequest,
  NOTHING_ASKED,
} from './authorization-request.ts';
import type { ResponseTarget } from './respond.ts';

/**
 * Z31: a faulty link to this server must not be a way to any page that somebody registered, so the person signs in
 * first. prompt=none is the exception that the section makes.
 */
export function isToldAfterSignIn(client: Client, parameters: Parameters): boolean {
  const isSilent = parameters.all('prompt').some((value) => value.split(' ').includes('none'));
  return isSelfRegistered(client) && !isSilent;
}

/** A request of which nothing is left to do but to sign in and to tell the fault. */
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
