import { account } from './account.ts';
import { authorization } from './authorization.ts';
import type { Purpose } from './purpose.ts';

/** What an interaction can be for. */
export const purposes: readonly Purpose[] = [authorization, account];
