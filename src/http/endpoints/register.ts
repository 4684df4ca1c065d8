/** RFC 7591: a client registers itself, JSON in, JSON out. */
import { registerClient } from '../../oauth/requests/client-registration.ts';
import { defineEndpoint } from './endpoint.ts';

/** An app registers itself, where the setting `registration` lets it. RFC 7591 §3 */
export const registerEndpoint = defineEndpoint({
  path: '/register',
  metadata: 'registration_endpoint',
  methods: ['POST'],
  // Apps in a browser register before their origin is known; this endpoint uses no cookies.
  cors: 'public',
  ask: registerClient,
  send: (reply, information) => reply.code(201).send(information),
});
