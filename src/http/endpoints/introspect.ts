import { introspection } from '../../oauth/requests/introspection.ts';
import { bodyPairs } from '../form.ts';
import { noStore } from '../headers.ts';
import { sourceOf } from '../request-source.ts';
import type { Endpoint } from './endpoint.ts';

/** Whether a token is in force, and what it stands for. RFC 7662 §2 */
export const introspectEndpoint: Endpoint = {
  path: '/introspect',
  metadata: 'introspection_endpoint',
  methods: ['POST'],
  cors: 'none',
  async handle(context, request, reply) {
    const { authorization } = request.headers;
    const answer = await introspection(context, {
      pairs: bodyPairs(request.body),
      authorization,
      source: sourceOf(context, request),
    });
    return noStore(reply).type('application/json; charset=utf-8').send(answer);
  },
};
