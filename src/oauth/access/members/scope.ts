import { defineMember } from './member.ts';

/** The words of scope. RFC 6749 §3.3 */
export const scope = defineMember<string>({
  parse: (stored) => stored as readonly string[],
  write: (words) => words,
  isSame: (one, other) => one === other,
  describe: (words) => words.join(' '),
  isAudited: true,
});
