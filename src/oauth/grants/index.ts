import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import type { Grant } from './grant-type-interface.ts';
import { refreshToken } from './refresh-token.ts';

/** The grant types there are; discovery, client metadata and the token endpoint follow this table. */
export const grants: readonly Grant[] = [authorizationCode, refreshToken, clientCredentials];
