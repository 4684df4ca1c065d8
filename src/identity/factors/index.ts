import type { Factor } from './factor.ts';
import { password } from './password.ts';
import { recoveryCode } from './recovery_code.ts';
import { totp } from './totp.ts';

/** The factors, in the order in which they are asked for. */
export const factors: readonly Factor[] = [password, totp, recoveryCode];
