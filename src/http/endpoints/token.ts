import { token } from '../../oauth/requests/token.ts';
import { defineEndpoint } from './endpoint.ts';

/** Tokens consist of base64url and dots, so the serializer need not look for characters to escape. */
const TOKEN = { type: 'string', format: 'unsafe' };

/** Issues tokens for a code, for a refresh token, or to a client for itself. RFC 6749 §3.2 */
export const tokenEndpoint = defineEndpoint({
  path: '/token',
  metadata: 'token_endpoint',
  methods: ['POST'],
  cors: 'clients',
  response: {
    type: 'object',
    properties: {
      access_token: TOKEN,
      token_type: { type: 'string' },
      expires_in: { type: 'integer' },
      scope: { type: 'string' },
      refresh_token: TOKEN,
      id_token: TOKEN,
    },
    additionalProperties: true,
  },
  ask: token,
  send: (reply, tokens) => reply.send(tokens),
});
