/** Which account was chosen in an interaction. OpenID Connect Core §3.1.2.1 prompt=select_account */
import { z } from 'zod';
import type { Done } from '../situation-for-next-step.ts';
import { doneIn } from './done-steps.ts';

/** What is selected when the user chose none of the accounts that are signed in. */
export const ANOTHER_ACCOUNT = '';

/** What the step of that name stores. */
export const selection = {
  name: 'select-account',
  done: z.object({
    /** The account, or {@link ANOTHER_ACCOUNT}. */
    sub: z.string(),
  }),
} as const;

/** The account, or {@link ANOTHER_ACCOUNT}; undefined where no account was chosen. */
export function selectionIn(done: Done): string | undefined {
  return doneIn(done, selection)?.sub;
}
