/** RFC 6749 §4.4: the client acts for itself. */
import { z } from 'zod';
import { clientItself } from '../grant-proof.ts';
import { defineGrant } from './grant-type-interface.ts';

export const clientCredentials = defineGrant({
  grantType: 'client_credentials',
  forUser: false,
  confidentialOnly: true,
  selfRegistered: false,
  parameters: z.object({}),
  look: async () => ({}),
  proof: clientItself,
});
