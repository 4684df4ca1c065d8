import { revocation } from '../../oauth/requests/revocation.ts';
import { defineEndpoint } from './endpoint.ts';

/**
 * Ends a token, and with a refresh token its grant. RFC 7009 §2.2: 200, whose content the client ignores; simple-oauth2
 * accepts only JSON as an answer.
 */
export const revokeEndpoint = defineEndpoint({
  path: '/revoke',
  metadata: 'revocation_endpoint',
  methods: ['POST'],
  cors: 'clients',
  ask: revocation,
  send: (reply) => reply.code(200).send({}),
});
