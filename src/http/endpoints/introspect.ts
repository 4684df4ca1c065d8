import { introspection } from '../../oauth/requests/introspection.ts';
import { defineEndpoint } from './endpoint.ts';

/** Whether a token is active, and its data. RFC 7662 §2 */
export const introspectEndpoint = defineEndpoint({
  path: '/introspect',
  metadata: 'introspection_endpoint',
  methods: ['POST'],
  cors: 'none',
  ask: introspection,
  send: (reply, json) => reply.type('application/json; charset=utf-8').send(json),
});
