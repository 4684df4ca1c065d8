/** RFC 7592: a client reads, replaces and deletes its own registration. */
import type { BackChannelRequest } from '../../oauth/back-channel-request.ts';
import type { Answer } from '../../oauth/requests/answer-to-proven-caller.ts';
import {
  deleteRegistration,
  readRegistration,
  replaceRegistration,
} from '../../oauth/requests/registration-management.ts';
import type { HttpContext } from '../context.ts';
import { defineEndpoint } from './endpoint.ts';

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
