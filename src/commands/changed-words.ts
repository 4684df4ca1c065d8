/** Words that a shell or a word processor changed on their way here: the line looks right to whoever typed it. */
import { refuseReplacementCharacter } from '../lib/operator-text.ts';
import { CommandError, named } from './terminal.ts';

/** Hyphens, dashes and the minus sign, as they are written for a hyphen, and a name of an option. */
const DASHED = /^([\u2010-\u2015\u2212\ufe58\uff0d-]+)([a-z][a-z-]*)$/;
const OPENING = /^[“„‟«‘‚]/;
const CLOSING = /[”“»’‘]$/;

/** Throws {@link CommandError} 2 for the first that is not as it was meant. */
export function refuseChangedWords(argv: readonly string[]): void {
  for (const [index, word] of argv.entries()) {
    const place = `word ${index + 1} after gatehouse`;
    named(place, () => refuseReplacementCharacter(word));
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
