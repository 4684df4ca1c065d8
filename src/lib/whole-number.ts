import { z } from 'zod';

/**
 * A whole number, also written as text, as in the environment and on the command line. Nothing written is no number: it
 * would be 0, which for some is "for ever" or "at once".
 */
export function wholeNumber(minimum: number, maximum: number) {
  return z.preprocess(numberOf, z.number().min(minimum).max(maximum).pipe(z.int()));
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}
