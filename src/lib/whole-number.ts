import { z } from 'zod';

/**
 * A whole number, or text of one, as in the environment and on the command line. Empty text is refused: it would be read
 * as 0, which means "for ever" or "at once" for some settings.
 */
export function wholeNumber(minimum: number, maximum: number) {
  return z.preprocess(numberOf, z.number().min(minimum).max(maximum).pipe(z.int()));
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}
