/** RFC 7591, RFC 7592: JSON in, JSON out. */
import type { BackChannelRequest } from '../../oauth/back-channel-request.ts';
import type { Answer } from '../../oauth/requests/answer-to-proven-caller.ts';
import {
  deleteRegistration,
  readRegistration,
  registerClient,
  replaceRegistration,
} from '../../oauth/requests/client-registration.ts';
import type { HttpContext } from '../context.ts';
import { defineEndpoint } from './endpoint.ts';

/** An app registers itself, where the setting `registration` lets it. RFC 7591 §3 */
export const registerEndpoint = defineEndpoint({
  path: '/register',
  metadata: 'registration_endpoint',
  methods: ['POST'],
  // Apps in a browser register before their origin is known; this endpoint uses no cookies.
  cors: 'public',
  ask: registerClient,
  send: (reply, information) => reply.code(201).send(information),
});

/** An app reads, replaces or deletes its own registration. RFC 7592 §2 */
export const registrationEndpoint = defineEndpoint({
  path: '/register/:client_id',
  methods: ['GET', 'PUT', 'DELETE'],
  cors: 'none',
  ask: manage,
  send: (reply, information) =>
    information === undefined ? reply.code(204).send() : reply.send(information),
});

function manage(context: HttpContext, request: BackChannelRequest): Promise<Answer<object | undefined>> {
  if (request.method === 'DELETE') return deleteRegistration(context, request);
  return request.method === 'PUT'
    ? replaceRegistration(context, request)
    : readRegistration(context, request);
}
