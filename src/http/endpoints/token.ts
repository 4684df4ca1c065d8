import { token } from '../../oauth/requests/token.ts';
import { bodyPairs } from '../form.ts';
import { noStore } from '../headers.ts';
import { sourceOf } from '../source.ts';
import type { Endpoint } from './endpoint.ts';

/** RFC 6749 §3.2 */
export const tokenEndpoint: Endpoint = {
  path: '/token',
  methods: ['POST'],
  cors: 'clients',
  response: {
    type: 'object',
    properties: {
      access_token: { type: 'string' },
      token_type: { type: 'string' },
      expires_in: { type: 'integer' },
      scope: { type: 'string' },
      refresh_token: { type: 'string' },
      id_token: { type: 'string' },
    },
    additionalProperties: true,
  },
  async handle(context, request, reply) {
    const { authorization } = request.headers;
    const answer = await token(context, {
      pairs: bodyPairs(request.body),
      authorization,
      source: sourceOf(context, request),
    });
    return noStore(reply).send(answer);
  },
};
