import { changePassword } from '../../../identity/passwords/password-change.ts';
import { LONGEST_PASSWORD } from '../../../identity/passwords/password-rules.ts';
import { isRefusal } from '../../../lib/outcome.ts';
import { sourceOf } from '../../request-source.ts';
import { leaveNotice } from '../notice-cookie.ts';
import { seeOther } from '../redirect.ts';
import { NOTHING_MORE, type SignedInCall, signedInPage } from './make-signed-in-page.ts';
import { sessionsPage } from './sessions.ts';

const STATUS = {
  wrong: 200,
  short: 200,
  long: 200,
  common: 200,
  mismatch: 200,
  busy: 503,
  throttled: 429,
} as const;
type Problem = keyof typeof STATUS;
/** The field that a problem is about. */
const FIELDS: Partial<Record<Problem, string>> = {
  wrong: 'current_password',
  short: 'new_password',
  long: 'new_password',
  common: 'new_password',
  mismatch: 'new_password_again',
};

function showPassword({ tools, reply, user, fields, show }: SignedInCall, problem?: Problem) {
  const minimumLength = tools.settings.password_minimum_length;
  if (problem) reply.code(STATUS[problem]);
  const data = {
    username: user.username,
    problem,
    wrongField: problem && FIELDS[problem],
    endsOthers: problem === undefined || fields.end_other_sessions !== undefined,
    minimumLength,
    maximumLength: LONGEST_PASSWORD,
  };
  return show('account/password', data);
}

/** Changes the password; asks for the current one. ASVS V6.2.3, V7.4.3 */
export const passwordPage = signedInPage('/account/password', {
  linkedAs: 'account.password',
  needsForSubmit: NOTHING_MORE,
  show: async (call) => showPassword(call),
  async submit(call) {
    const { tools, request, reply, session, fields } = call;
    if (fields.new_password !== fields.new_password_again) return showPassword(call, 'mismatch');
    const outcome = await changePassword(tools, {
      session,
      currentPassword: fields.current_password ?? '',
      newPassword: fields.new_password ?? '',
      endOtherSessions: fields.end_other_sessions !== undefined,
      deviceCookie: tools.cookies.read(request, 'device'),
      source: sourceOf(tools, request),
    });
    if (isRefusal(outcome)) {
      if (outcome.retryAfterSeconds > 0) reply.header('retry-after', String(outcome.retryAfterSeconds));
      return showPassword(call, outcome.error);
    }
    tools.cookies.set(reply, 'session', outcome.cookieValue);
    tools.cookies.set(reply, 'device', outcome.deviceCookie);
    leaveNotice(tools, reply, sessionsPage, 'password-changed');
    return seeOther(tools, reply, sessionsPage.path);
  },
});
