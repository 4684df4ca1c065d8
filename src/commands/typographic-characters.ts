/** Arguments that a word processor changed before they were pasted: the line looks right to the operator. */
import { refuseReplacementCharacter } from '../lib/decode-operator-text.ts';
import { CommandError } from './command-error.ts';
import { namingText } from './name-text-in-error.ts';

/** Dashes and the minus sign in the place of hyphens, followed by the name of an option. */
const DASHED = /^([\u2010-\u2015\u2212\ufe58\uff0d-]+)([a-z][a-z-]*)$/;
const OPENING = /^[“„‟«‘‚]/;
const CLOSING = /[”“»’‘]$/;

/** Throws {@link CommandError} 2 for the first changed argument. */
export function refuseChangedWords(argv: readonly string[]): void {
  for (const [index, word] of argv.entries()) {
    const place = `word ${index + 1} after gatehouse`;
    namingText(place, () => refuseReplacementCharacter(word));
    const isValue = argv[index - 1]?.startsWith('--') ?? false;
    const [, signs = '', option] = DASHED.exec(word) ?? [];
    if (!isValue && /[^-]/.test(signs))
      throw new CommandError(2, `${place} begins with a dash, which is no hyphen; write --${option}`);
    if (OPENING.test(word) && !CLOSING.test(word.slice(1)))
      throw new CommandError(
        2,
        `${place} begins with a printed quotation mark; write straight ones: "…" or '…'`,
      );
  }
}
