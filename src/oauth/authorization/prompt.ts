/** prompt and max_age: how much of the person is asked. OpenID Connect Core §3.1.2.1 */
import { type Refusal, refuse } from '../../lib/outcome.ts';

export const promptValues = ['none', 'login', 'consent', 'select_account'] as const;
export type Prompt = (typeof promptValues)[number];

/** The values that are known, each once; none where there is no parameter. */
export function checkPrompt(text: string | undefined): readonly Prompt[] | Refusal<'invalid_request'> {
  const sent = new Set((text ?? '').split(' ').filter((value) => value !== ''));
  const values = promptValues.filter((value) => sent.has(value));
  if (sent.has('none') && sent.size > 1) {
    return refuse('invalid_request', 'prompt_none_with_others', 'prompt none goes with no other value');
  }
  return values;
}

/** Seconds. */
export function checkMaxAge(text: string | undefined): number | undefined | Refusal<'invalid_request'> {
  if (text === undefined) return undefined;
  // As many digits as a number keeps: apps write the largest one of their language for "any age".
  if (!/^\d{1,15}$/.test(text))
    return refuse('invalid_request', 'malformed_max_age', 'max_age must be a number of seconds');
  return Number(text);
}
