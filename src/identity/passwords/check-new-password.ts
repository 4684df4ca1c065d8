/** Checks the new password of a user. NIST SP 800-63B-4 §3.1.1.2 */
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { IdentityContext } from '../context.ts';
import { checkPasswordRules, passwordReasons } from './password-rules.ts';

interface PersonNames {
  readonly username: string;
  readonly email?: string | null | undefined;
}

/** Accepts a new password of this user, or says why not. */
export function checkPassword(
  context: Pick<IdentityContext, 'settings'>,
  password: string,
  user: PersonNames,
): Checked<Refusal<'invalid'>> {
  const fault = checkPasswordRules(password, passwordContext(context, user));
  if (fault === PASSED) return PASSED;
  const sentences = {
    short: `the password must have at least ${context.settings.password_minimum_length} characters`,
    long: 'the password must have at most 1,024 characters',
    common: 'the password is among those that guessing starts with; choose another',
  };
  return refuse('invalid', passwordReasons[fault], sentences[fault]);
}

/** The minimum length, and the words that make a password guessable for this user on this server. */
export function passwordContext(context: Pick<IdentityContext, 'settings'>, user: PersonNames) {
  const host = new URL(context.settings.issuer).hostname;
  const words = [user.username, user.email ?? '', ...(user.email ?? '').split('@'), host, ...host.split('.')];
  return { minimumLength: context.settings.password_minimum_length, words };
}
