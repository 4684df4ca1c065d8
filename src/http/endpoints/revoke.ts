import { revocation } from '../../oauth/requests/revocation.ts';
import { bodyPairs } from '../form.ts';
import { noStore } from '../headers.ts';
import { sourceOf } from '../request-source.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * Ends a token, and with a refresh token its grant. RFC 7009 §2.2: 200, whose content the client ignores; simple-oauth2 takes
 * nothing but JSON for an answer.
 */
export const revokeEndpoint: Endpoint = {
  path: '/revoke',
  metadata: 'revocation_endpoint',
  methods: ['POST'],
  cors: 'clients',
  async handle(context, request, reply) {
    const { authorization } = request.headers;
    await revocation(context, {
      pairs: bodyPairs(request.body),
      authorization,
      source: sourceOf(context, request),
    });
    return noStore(reply).code(200).send({});
  },
};
