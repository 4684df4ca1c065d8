/** The protocol profile that a client may have. */
import { type ProfileName, profileNames, profiles } from '../../config/client-protocol-profiles.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';

/** A profile by its name, for a client that is to have it from now on. */
export function checkProfile(
  name: string,
  { unfinished_profiles }: Pick<Settings, 'unfinished_profiles'>,
): ProfileName | Refusal<'invalid_client_metadata'> {
  const offered = profileNames.filter((candidate) => unfinished_profiles || profiles[candidate].isWhole);
  const known = offered.find((candidate) => candidate === name);
  if (known) return known;
  const words = `write one of ${offered.join(', ')}`;
  const isUnfinished = profileNames.some((candidate) => candidate === name);
  return isUnfinished
    ? refuse('invalid_client_metadata', 'profile_not_whole', `profile ${name} is not whole yet: ${words}`)
    : refuse('invalid_client_metadata', 'unknown_profile', `there is no profile ${name}: ${words}`);
}
