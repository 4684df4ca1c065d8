import { userinfo } from '../../oauth/requests/userinfo.ts';
import { bodyPairs, queryPairs } from '../form.ts';
import { noStore } from '../headers.ts';
import { sourceOf } from '../request-source.ts';
import type { Endpoint } from './endpoint.ts';

/** The claims of the person whom a token stands for. OpenID Connect Core §5.3.1; a token in the query is never read. */
export const userinfoEndpoint: Endpoint = {
  path: '/userinfo',
  metadata: 'userinfo_endpoint',
  methods: ['GET', 'POST'],
  cors: 'clients',
  async handle(context, request, reply) {
    const { authorization } = request.headers;
    const answer = await userinfo(context, {
      pairs: bodyPairs(request.body),
      authorization,
      hasTokenInQuery: queryPairs(request.url).some(([name]) => name === 'access_token'),
      source: sourceOf(context, request),
    });
    // OpenID Connect Core §5.3.2: a JWT says so.
    if (typeof answer === 'string') reply.type('application/jwt');
    return noStore(reply).send(answer);
  },
};
