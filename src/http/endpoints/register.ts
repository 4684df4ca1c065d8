/** RFC 7591, RFC 7592: JSON in, JSON out. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  deleteRegistration,
  type ManagementRequest,
  type RegistrationRequest,
  readRegistration,
  registerClient,
  replaceRegistration,
} from '../../oauth/requests/client-registration.ts';
import type { HttpContext } from '../context.ts';
import { noStore } from '../headers.ts';
import { sourceOf } from '../request-source.ts';
import type { Endpoint } from './endpoint.ts';

function requestOf(context: HttpContext, request: FastifyRequest): RegistrationRequest {
  const { authorization } = request.headers;
  return { body: request.body, authorization, source: sourceOf(context, request) };
}

/** An app registers itself, where the setting `registration` lets it. RFC 7591 §3 */
export const registerEndpoint: Endpoint = {
  path: '/register',
  metadata: 'registration_endpoint',
  methods: ['POST'],
  // Apps in a browser register themselves before they have an origin that is known; nothing here goes by cookies.
  cors: 'public',
  async handle(context, request, reply) {
    const answer = await registerClient(context, requestOf(context, request));
    return noStore(reply).code(201).send(answer);
  },
};

/** An app reads, replaces or deletes its own registration. RFC 7592 §2 */
export const registrationEndpoint: Endpoint = {
  path: '/register/:client_id',
  methods: ['GET', 'PUT', 'DELETE'],
  cors: 'none',
  async handle(context, request, reply) {
    const { client_id } = request.params as { client_id: string };
    return manage(context, request.method, { ...requestOf(context, request), client_id }, noStore(reply));
  },
};

async function manage(
  context: HttpContext,
  method: string,
  request: ManagementRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (method === 'DELETE') {
    await deleteRegistration(context, request);
    return reply.code(204).send();
  }
  return reply.send(
    method === 'PUT' ? await replaceRegistration(context, request) : await readRegistration(context, request),
  );
}
