import { userinfo } from '../../oauth/requests/userinfo.ts';
import { defineEndpoint } from './endpoint.ts';

/** The claims of the user whom a token was issued for. OpenID Connect Core §5.3.1; a token in the query is never read. */
export const userinfoEndpoint = defineEndpoint({
  path: '/userinfo',
  metadata: 'userinfo_endpoint',
  methods: ['GET', 'POST'],
  cors: 'clients',
  ask: userinfo,
  send(reply, claims) {
    // OpenID Connect Core §5.3.2: the media type of a signed or encrypted answer.
    if (typeof claims === 'string') reply.type('application/jwt');
    return reply.send(claims);
  },
});
