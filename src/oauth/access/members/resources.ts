import { isSameUri } from '../../../lib/uri-with-empty-path.ts';
import { defineMember } from './member.ts';

/** The resource indicators, as they are registered. RFC 8707 §2 */
export const resources = defineMember<string>({
  parse: (stored) => stored as readonly string[],
  write: (uris) => uris,
  isSame: isSameUri,
  describe: (uris) => uris,
  isAudited: false,
});
