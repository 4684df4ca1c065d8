import type { Factor } from './factor.ts';
import { password } from './password.ts';

/** The ways to prove who one is, in the order in which they are asked for. */
export const factors: readonly Factor[] = [password];
