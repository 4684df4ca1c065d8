/** A client_id and a client_secret that the operator chose. */
import { type Checked, PASSED, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { longestOf } from '../parameters.ts';
import type { RegistryRefusal } from './registry-result-and-audit.ts';

/** RFC 6749 §10.10: 128 random bits are 22 base64url characters. */
const SHORTEST_SECRET = 22;
export const CLIENT_ID = /^[A-Za-z0-9._~-]{1,128}$/;

/** What an operator may choose besides the metadata. */
export interface Chosen {
  /** RFC 7592: of a client that registers itself. */
  readonly registrationTokenHash?: string | undefined;
  /** What must succeed in the transaction that makes the client; it says so in a word. */
  readonly provided?: (tx: Tx) => Promise<'provided' | RegistryRefusal>;
  readonly profile?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

/** Whether what must succeed besides did, where there is such. */
export async function checkProvided(tx: Tx, { provided }: Chosen): Promise<Checked<RegistryRefusal>> {
  if (!provided) return PASSED;
  const outcome = await provided(tx);
  return outcome === 'provided' ? PASSED : outcome;
}

/** What is chosen for a new client. */
export function checkChosen(chosen: Chosen): Checked<RegistryRefusal> {
  if (chosen.client_id !== undefined && !CLIENT_ID.test(chosen.client_id)) {
    return refuse(
      'invalid_client_metadata',
      'malformed_client_id',
      'client_id must be 1 to 128 of A-Z a-z 0-9 . _ ~ -',
    );
  }
  return chosen.client_secret === undefined ? PASSED : checkSecret(chosen.client_secret);
}

function checkSecret(secret: string): Checked<RegistryRefusal> {
  const { length } = secret;
  if (/\p{Cc}/u.test(secret)) {
    return refuse(
      'invalid_client_metadata',
      'malformed_client_secret',
      'client_secret has a control character, such as a line break at its end, which no request can carry (RFC 6749 appendix A.2)',
    );
  }
  if (length < SHORTEST_SECRET) {
    return refuse(
      'invalid_client_metadata',
      'short_client_secret',
      `client_secret must have at least ${SHORTEST_SECRET} characters`,
    );
  }
  const longest = longestOf('client_secret');
  if (length <= longest) return PASSED;
  return refuse(
    'invalid_client_metadata',
    'long_client_secret',
    `client_secret must have at most ${longest} characters, since no request may carry a longer one`,
  );
}
