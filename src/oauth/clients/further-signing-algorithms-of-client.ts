/** What our answers to a client are signed with, as it is registered. */
import { type FurtherAlgorithm, furtherAlgorithms } from '../../config/signing-algorithms.ts';
import type { ClientMetadata } from './metadata-shape.ts';

/** A new member that says what we sign with is named here, so that there is a key. */
const SIGNED_WITH = ['id_token_signed_response_alg', 'userinfo_signed_response_alg'] as const;

/** Of those whose keys are there only where something uses them. */
export function furtherAlgorithmsOf(metadata: Partial<ClientMetadata>): readonly FurtherAlgorithm[] {
  return furtherAlgorithms.filter((alg) => SIGNED_WITH.some((member) => metadata[member] === alg));
}
